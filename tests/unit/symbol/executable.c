/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "scratch.h"
#include "symbol/executable.h"

TestSuite(executable, .init = scratch_enter, .fini = scratch_remove);
TestSuite(executable_find, .init = scratch_enter, .fini = scratch_remove);

/* Compiles an empty main with `source` before it. */
static void compile(const char *name, const char *source, const char *options)
{
	char file[64];

	snprintf(file, sizeof(file), "%s.c", name);
	scratch_write(file, source, 0644);
	scratch_shell("echo 'int main(void) { return 0; }' >> %s && cc %s %s -o %s", file,
	              options, file, name);
}

static struct mlw_executable inspect(const char *path)
{
	struct mlw_executable executable;
	struct mlw_error err;

	cr_assert_eq(mlw_executable_inspect(path, &executable, &err), 0, "%s", err.text);
	return executable;
}

static const char *failure(const char *path)
{
	static struct mlw_error err;
	struct mlw_executable executable;

	cr_assert_eq(mlw_executable_inspect(path, &executable, &err), -1);
	mlw_executable_release(&executable);
	return err.text;
}

Test(executable, ordinary_program_is_dynamic_and_native)
{
	struct mlw_executable it;

	compile("plain", "", "-g -Wl,--build-id=sha1");
	it = inspect("plain");
	cr_assert(it.elf && it.dynamic && it.native);
	cr_assert_eq(it.bits, 8 * sizeof(void *));
	cr_assert_not_null(strstr(it.loader, "ld-"));
	cr_assert(it.debug_info && it.symbols && it.dynamic_symbols);
	cr_assert_eq(it.build_id_size, 20);
	cr_assert_not(it.own_malloc || it.setuid || it.setgid || it.secure);
	cr_assert_str_eq(it.allocator, "");
	cr_assert_str_eq(it.sanitizer, "");
	cr_assert_null(it.interpreter);
	mlw_executable_release(&it);
}

Test(executable, stripped_program_keeps_its_dynamic_symbols_only)
{
	struct mlw_executable it;

	compile("stripped", "", "-s");
	it = inspect("stripped");
	cr_assert_not(it.debug_info || it.symbols);
	cr_assert(it.dynamic_symbols);
	mlw_executable_release(&it);
}

Test(executable, static_program_asks_for_no_loader)
{
	struct mlw_executable it;

	compile("static", "", "-static");
	it = inspect("static");
	cr_assert(it.elf && !it.dynamic);
	cr_assert_null(it.loader);
	cr_assert(it.own_malloc && !it.dynamic_malloc);
	mlw_executable_release(&it);
}

Test(executable, static_pie_is_static_too)
{
	struct mlw_executable it;

	compile("pie", "", "-static-pie");
	it = inspect("pie");
	cr_assert(it.elf && !it.dynamic);
	mlw_executable_release(&it);
}

Test(executable, malloc_that_the_program_defines_and_exports)
{
	struct mlw_executable it;

	compile("own", "void *malloc(unsigned long n) { (void)n; return 0; }", "");
	it = inspect("own");
	cr_assert(it.own_malloc && it.dynamic_malloc);
	mlw_executable_release(&it);
}

Test(executable, malloc_that_is_called_is_not_defined)
{
	struct mlw_executable it;

	compile("calls", "#include <stdlib.h>\nvoid *(*p)(size_t) = malloc;", "-no-pie");
	it = inspect("calls");
	cr_assert_not(it.own_malloc);
	mlw_executable_release(&it);
}

Test(executable, hidden_malloc_is_the_programs_own_only)
{
	struct mlw_executable it;

	compile("hidden",
	        "__attribute__((visibility(\"hidden\")))"
	        "void *malloc(unsigned long n) { (void)n; return 0; }",
	        "");
	it = inspect("hidden");
	cr_assert(it.own_malloc && !it.dynamic_malloc);
	mlw_executable_release(&it);
}

Test(executable, allocator_linked_in_is_named)
{
	struct mlw_executable it;

	compile("inside",
	        "void *malloc(unsigned long n) { (void)n; return 0; }"
	        "int mallctl(void) { return 0; }",
	        "");
	it = inspect("inside");
	cr_assert_str_eq(it.allocator, "jemalloc");
	mlw_executable_release(&it);
}

Test(executable, allocator_library_is_named)
{
	struct mlw_executable it;

	scratch_shell(
	        "echo 'int tc;' > tc.c && cc -shared -fPIC -Wl,-soname,libtcmalloc.so.4 "
	        "tc.c "
	        "-o libtcmalloc.so.4");
	compile("linked", "extern int tc; int *use = &tc;",
	        "-Wl,--no-as-needed ./libtcmalloc.so.4");
	it = inspect("linked");
	cr_assert_str_eq(it.allocator, "libtcmalloc.so.4");
	cr_assert_not(it.own_malloc);
	mlw_executable_release(&it);
}

Test(executable, sanitizers_are_named)
{
	struct mlw_executable it;

	compile("asan", "", "-fsanitize=address");
	it = inspect("asan");
	cr_assert_str_eq(it.sanitizer, "address");
	mlw_executable_release(&it);
	compile("tsan", "", "-fsanitize=thread");
	it = inspect("tsan");
	cr_assert_str_eq(it.sanitizer, "thread");
	mlw_executable_release(&it);
}

Test(executable, set_id_bits)
{
	struct mlw_executable it;

	compile("setid", "", "");
	scratch_shell("chmod 6755 setid");
	it = inspect("setid");
	cr_assert(it.setuid && it.setgid);
	cr_assert_not(it.secure, "our own file changes no id");
	mlw_executable_release(&it);
	scratch_shell("chmod 2644 setid");
	it = inspect("setid");
	cr_assert_not(it.setuid || it.setgid);
	mlw_executable_release(&it);
}

Test(executable, set_id_of_somebody_else_is_secure_mode)
{
	struct mlw_executable it;

	if (getuid() != 0)
		cr_skip_test("needs root to give a file away");
	compile("other", "", "");
	scratch_shell("chown 1234 other && chmod 4755 other");
	it = inspect("other");
	cr_assert(it.setuid && it.secure);
	mlw_executable_release(&it);
}

Test(executable, script_is_what_runs_it)
{
	struct mlw_executable it;

	scratch_write("script", "#! /bin/sh -e\ntrue\n", 0755);
	it = inspect("script");
	cr_assert_str_eq(it.interpreter, "/bin/sh");
	cr_assert(it.elf && it.dynamic);
	mlw_executable_release(&it);
}

Test(executable, script_of_a_script_is_followed)
{
	struct mlw_executable it;

	scratch_write("inner", "#!/bin/sh\n", 0755);
	scratch_write("outer", "#!./inner\n", 0755);
	it = inspect("outer");
	cr_assert_str_eq(it.interpreter, "./inner");
	cr_assert(it.elf);
	mlw_executable_release(&it);
}

Test(executable, script_that_runs_itself_fails)
{
	scratch_write("loop", "#!./loop\n", 0755);
	cr_assert_not_null(strstr(failure("loop"), "too many"));
}

Test(executable, script_without_its_interpreter_fails_with_its_name)
{
	scratch_write("lost", "#!/no/such/shell\n", 0755);
	cr_assert_str_eq(failure("lost"), "/no/such/shell: No such file or directory");
}

Test(executable, text_is_neither_elf_nor_script)
{
	struct mlw_executable it;

	scratch_write("text", "echo hello\n", 0755);
	it = inspect("text");
	cr_assert_not(it.elf);
	cr_assert_null(it.interpreter);
	mlw_executable_release(&it);
	scratch_write("bare", "#!\n", 0755);
	it = inspect("bare");
	cr_assert_not(it.elf);
	mlw_executable_release(&it);
}

Test(executable, missing_file_and_folder_fail)
{
	cr_assert_str_eq(failure("nothing"), "nothing: No such file or directory");
	cr_assert_str_eq(failure("/tmp"), "/tmp: not a regular file");
}

Test(executable, object_file_is_not_a_program)
{
	scratch_shell("echo 'int x;' > x.c && cc -c x.c");
	cr_assert_not_null(strstr(failure("x.o"), "not a program"));
}

Test(executable, each_truncation_is_survived)
{
	struct mlw_executable it;
	struct mlw_error err;
	struct stat status;

	compile("whole", "", "-g");
	cr_assert_eq(stat("whole", &status), 0);
	scratch_shell("cp whole cut");
	for (off_t size = status.st_size; size > 0; size -= size > 256 ? 97 : 1) {
		cr_assert_eq(truncate("cut", size), 0);
		mlw_executable_inspect("cut", &it, &err);
		mlw_executable_release(&it);
	}
}

static int find(const char *name, char **path)
{
	struct mlw_error err;

	return mlw_executable_find(name, path, &err);
}

Test(executable_find, first_in_path_order)
{
	char *path;

	cr_assert(mkdir("a", 0755) == 0 && mkdir("b", 0755) == 0);
	scratch_write("b/tool", "", 0755);
	setenv("PATH", "/nowhere:a:b", 1);
	cr_assert_eq(find("tool", &path), 0);
	cr_assert_str_eq(path, "b/tool");
	free(path);
	scratch_write("a/tool", "", 0755);
	cr_assert_eq(find("tool", &path), 0);
	cr_assert_str_eq(path, "a/tool");
	free(path);
}

Test(executable_find, empty_element_is_the_current_folder)
{
	char *path;

	scratch_write("tool", "", 0755);
	setenv("PATH", "/nowhere:", 1);
	cr_assert_eq(find("tool", &path), 0);
	cr_assert_str_eq(path, "tool");
	free(path);
}

Test(executable_find, slash_means_no_search)
{
	char *path;

	scratch_write("tool", "", 0755);
	setenv("PATH", "/nowhere", 1);
	cr_assert_eq(find("./tool", &path), 0);
	cr_assert_str_eq(path, "./tool");
	free(path);
	cr_assert_eq(find("tool", &path), -ENOENT);
	cr_assert_null(path);
}

Test(executable_find, not_executable_is_not_not_found)
{
	char *path;

	cr_assert(mkdir("a", 0755) == 0 && mkdir("folder", 0755) == 0);
	scratch_write("a/tool", "", 0644);
	setenv("PATH", "a:/nowhere", 1);
	cr_assert_eq(find("tool", &path), -EACCES);
	cr_assert_eq(find("a/tool", &path), -EACCES);
	cr_assert_eq(find("./folder", &path), -EACCES);
	cr_assert_eq(find("./nothing", &path), -ENOENT);
	cr_assert_eq(find("", &path), -ENOENT);
}

Test(executable_find, later_executable_wins_over_earlier_refusal)
{
	char *path;

	cr_assert(mkdir("a", 0755) == 0 && mkdir("b", 0755) == 0);
	scratch_write("a/tool", "", 0644);
	scratch_write("b/tool", "", 0755);
	setenv("PATH", "a:b", 1);
	cr_assert_eq(find("tool", &path), 0);
	cr_assert_str_eq(path, "b/tool");
	free(path);
}

Test(executable_find, without_path_the_system_folders)
{
	char *path;

	unsetenv("PATH");
	cr_assert_eq(find("sh", &path), 0);
	cr_assert_not_null(strstr(path, "/bin/sh"));
	free(path);
}
