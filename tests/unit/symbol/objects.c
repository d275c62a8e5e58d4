/* SPDX-License-Identifier: MIT */

/* The symbolizer on programs compiled here, in the forms that debug information has. */

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "scratch.h"
#include "symbol/symbolizer.h"

/* `visible` is exported, so that it has a name in each symbol table; its body calls. */
static const char source[] = "#include <stdlib.h>\n"
                             "static inline __attribute__((always_inline))\n"
                             "void *inner(size_t n)\n"
                             "{\n"
                             "	return malloc(n);\n" /* line 5 */
                             "}\n"
                             "__attribute__((noinline, visibility(\"default\")))\n"
                             "char *visible(size_t n)\n"
                             "{\n"
                             "	char *p = inner(n);\n" /* line 10 */
                             "	if (p) *p = 1;\n"
                             "	return p;\n"
                             "}\n"
                             "int main(void) { return !visible(1); }\n";

TestSuite(symbol_objects, .init = scratch_enter, .fini = scratch_remove);

struct answer {
	size_t count;
	char function[2][256];
	char file[2][512];
	uint32_t line[2];
};

static const char *known(const char *text)
{
	return text ? text : "??";
}

static int remember(size_t index, const struct mlw_symbol *symbols, size_t count,
                    void *context)
{
	struct answer *answer = context;

	(void)index;
	answer->count = count;
	for (size_t i = 0; i < count && i < 2; i++) {
		snprintf(answer->function[i], 256, "%s", known(symbols[i].function));
		snprintf(answer->file[i], 512, "%s", known(symbols[i].file));
		answer->line[i] = symbols[i].line;
	}
	return 0;
}

static struct answer resolve_source(struct mlw_symbol_source source_of, uint64_t offset)
{
	struct mlw_symbolizer_options options = { .debuginfod = false };
	struct mlw_symbolizer *symbolizer;
	struct mlw_symbol_object *object;
	struct answer answer = { 0 };
	struct mlw_error err;

	cr_assert_eq(mlw_symbolizer_new(&options, &symbolizer, &err), 0);
	cr_assert_eq(mlw_symbolizer_open(symbolizer, &source_of, &object, &err), 0);
	cr_assert_eq(
	        mlw_symbol_object_resolve(object, &offset, 1, remember, &answer, &err), 0,
	        "%s", err.text);
	mlw_symbol_object_free(object);
	mlw_symbolizer_free(symbolizer);
	return answer;
}

static struct answer resolve(const char *path, uint64_t offset)
{
	return resolve_source((struct mlw_symbol_source){ .path = path, .fd = -1 },
	                      offset);
}

/* A number that a shell command prints in hexadecimal. */
__attribute__((format(printf, 1, 2))) static uint64_t hex_of(const char *fmt, ...)
{
	char command[512];
	va_list args;
	uint64_t number = 0;
	FILE *pipe;

	va_start(args, fmt);
	vsnprintf(command, sizeof(command), fmt, args);
	va_end(args);
	pipe = popen(command, "r");
	cr_assert_not_null(pipe);
	cr_assert_eq(fscanf(pipe, "%lx", &number), 1, "%s", command);
	pclose(pipe);
	return number;
}

/* The last byte of the call of malloc in `visible`. */
static uint64_t call_in(const char *path)
{
	return hex_of("objdump -d --no-show-raw-insn --disassemble=visible %s | "
	              "grep -A1 'call.*malloc' | sed -n '2s/:.*//p'",
	              path) -
	       1;
}

static uint64_t symbol_of(const char *path, const char *name)
{
	return hex_of("nm %s | sed -n 's/^\\([0-9a-f]*\\) . %s$/\\1/p'", path, name);
}

static void compile(const char *compiler, const char *options)
{
	scratch_write("program.c", source, 0644);
	scratch_shell("%s -O2 -g %s program.c -o program", compiler, options);
}

static void check_full(struct answer answer)
{
	cr_assert_eq(answer.count, 2);
	cr_assert_str_eq(answer.function[0], "inner");
	cr_assert_eq(answer.line[0], 5);
	cr_assert_str_eq(answer.function[1], "visible");
	cr_assert_eq(answer.line[1], 10);
	cr_assert_eq(answer.file[0][0], '/');
	cr_assert_not_null(strstr(answer.file[0], "/program.c"));
}

static void check_form(const char *compiler, const char *options)
{
	compile(compiler, options);
	check_full(resolve("program", call_in("program")));
}

Test(symbol_objects, dwarf_5)
{
	check_form("cc", "-gdwarf-5");
}

Test(symbol_objects, dwarf_4)
{
	check_form("cc", "-gdwarf-4");
}

Test(symbol_objects, fixed_address)
{
	check_form("cc", "-no-pie");
}

Test(symbol_objects, compressed_sections)
{
	check_form("cc", "-gz");
}

Test(symbol_objects, split_dwarf)
{
	check_form("cc", "-gdwarf-5 -gsplit-dwarf");
	check_form("cc", "-gdwarf-4 -gsplit-dwarf");
}

Test(symbol_objects, link_time_optimisation)
{
	check_form("cc", "-flto -fno-ipa-cp");
}

Test(symbol_objects, without_address_table)
{
	/* As clang writes it: no .debug_aranges. */
	compile("cc", "");
	scratch_shell("objcopy --remove-section=.debug_aranges program");
	check_full(resolve("program", call_in("program")));
}

Test(symbol_objects, debug_file_by_link_beside_the_program)
{
	uint64_t call;

	compile("cc", "-Wl,--build-id");
	call = call_in("program");
	scratch_shell(
	        "objcopy --only-keep-debug program program.debug && "
	        "strip program && objcopy --add-gnu-debuglink=program.debug program");
	check_full(resolve("program", call));
	check_full(resolve("./program", call));
	scratch_shell("mkdir .debug && mv program.debug .debug");
	check_full(resolve("program", call));
}

Test(symbol_objects, debug_file_by_link_and_checksum_without_build_id)
{
	uint64_t call;

	compile("cc", "-Wl,--build-id=none");
	call = call_in("program");
	scratch_shell(
	        "objcopy --only-keep-debug program program.debug && "
	        "strip program && objcopy --add-gnu-debuglink=program.debug program");
	check_full(resolve("program", call));
	scratch_shell("echo >> program.debug");
	cr_assert_str_neq(resolve("program", call).function[0], "inner",
	                  "a debug file of another program");
}

Test(symbol_objects, debug_file_of_another_build_is_not_used)
{
	uint64_t call;

	compile("cc", "-Wl,--build-id=0x01020304");
	call = call_in("program");
	scratch_shell(
	        "cc -O2 -g -Wl,--build-id=0x05060708 program.c -o program.debug && "
	        "strip program && objcopy --add-gnu-debuglink=program.debug program");
	cr_assert_str_neq(resolve("program", call).function[0], "inner");
}

Test(symbol_objects, stripped_program_has_the_names_it_exports)
{
	uint64_t call;
	struct answer answer;

	compile("cc", "-rdynamic");
	call = call_in("program");
	scratch_shell("strip program");
	answer = resolve("program", call);
	cr_assert_eq(answer.count, 1);
	cr_assert_str_eq(answer.function[0], "visible");
	cr_assert_str_eq(answer.file[0], "??");
	cr_assert_eq(answer.line[0], 0);
}

Test(symbol_objects, minidebuginfo_names_what_is_not_exported)
{
	uint64_t call;

	compile("cc", "");
	call = call_in("program");
	scratch_shell("objcopy -S --remove-section=.gnu_debugdata --keep-symbol=visible "
	              "--only-keep-debug program mini && xz mini && strip program && "
	              "objcopy --add-section .gnu_debugdata=mini.xz program");
	cr_assert_str_eq(resolve("program", call).function[0], "visible");
}

Test(symbol_objects, deleted_file_is_read_by_its_descriptor)
{
	struct mlw_symbol_source deleted = { .path = "program (deleted)" };
	uint64_t call;

	compile("cc", "");
	call = call_in("program");
	deleted.fd = open("program", O_RDONLY | O_CLOEXEC);
	cr_assert_eq(unlink("program"), 0);
	check_full(resolve_source(deleted, call));
	close(deleted.fd);
}

Test(symbol_objects, replaced_file_gives_no_names)
{
	static const uint8_t loaded[] = { 1, 2, 3, 4 };
	struct mlw_symbol_source replaced = {
		.path = "program", .fd = -1, .build_id = loaded, .build_id_size = 4
	};
	uint64_t call;

	compile("cc", "-Wl,--build-id=0x01020304");
	call = call_in("program");
	check_full(resolve_source(replaced, call));
	compile("cc", "-Wl,--build-id=0x01020305");
	cr_assert_eq(resolve_source(replaced, call).count, 0);
	compile("cc", "-Wl,--build-id=none");
	cr_assert_eq(resolve_source(replaced, call).count, 0);
}

/* Three names of one place, a label without size, a gap, and a function behind it. */
static const char assembly[] = ".text\n"
                               ".globl _start, __alias, alias, _alias, label, behind\n"
                               "__alias: alias: _alias: _start:\n"
                               "	.fill 16, 1, 0x90\n"
                               "label:	.fill 16, 1, 0x90\n"
                               "	.fill 32, 1, 0xcc\n"
                               "behind: .fill 16, 1, 0x90\n"
                               ".type alias, @function\n.size alias, 16\n"
                               ".type __alias, @function\n.size __alias, 16\n"
                               ".type _alias, @function\n.size _alias, 16\n"
                               ".type behind, @function\n.size behind, 8\n"
                               ".section .other, \"ax\"\n"
                               "	.fill 16, 1, 0x90\n";

static void assemble(void)
{
	scratch_write("a.s", assembly, 0644);
	scratch_shell("cc -nostdlib -no-pie a.s -o program");
}

Test(symbol_objects, the_name_without_underscores_is_preferred)
{
	assemble();
	cr_assert_str_eq(resolve("program", symbol_of("program", "alias")).function[0],
	                 "alias");
}

Test(symbol_objects, label_without_size_reaches_to_the_next_symbol)
{
	uint64_t label;

	assemble();
	label = symbol_of("program", "label");
	cr_assert_str_eq(resolve("program", label).function[0], "label");
	cr_assert_str_eq(resolve("program", label + 47).function[0], "label");
	cr_assert_str_eq(resolve("program", label + 48).function[0], "behind");
}

Test(symbol_objects, address_behind_a_sized_function_is_nobodys)
{
	uint64_t behind;

	assemble();
	behind = symbol_of("program", "behind");
	cr_assert_str_eq(resolve("program", behind + 7).function[0], "behind");
	cr_assert_eq(resolve("program", behind + 8).count, 0);
	cr_assert_eq(resolve("program", hex_of("readelf -SW program | "
	                                       "sed -n 's/.* \\.other *PROGBITS *//p'"))
	                     .count,
	             0, "another section");
}

/* Neither function has a linkage name: both are of this file only. */
static const char cpp_source[] =
        "namespace shape { static __attribute__((noinline)) int local(int n)\n"
        "{ asm volatile(\"\"); return n + 1; } }\n"
        "namespace { struct hidden { int n; __attribute__((noinline)) int method(int m)\n"
        "{ asm volatile(\"\"); return n + m; } }; }\n"
        "namespace shape { __attribute__((noinline)) int open(int n)\n"
        "{ asm volatile(\"\"); return n + 2; } }\n"
        "int main(int argc, char **) { hidden it{argc};\n"
        "  return shape::local(argc) + it.method(argc) + shape::open(argc); }\n";

Test(symbol_objects, cpp_names_are_qualified)
{
	static const char *const names[][2] = {
		{ "_ZN5shapeL5localEi", "shape::local" },
		{ "_ZN12_GLOBAL__N_16hidden6methodEi",
		  "(anonymous namespace)::hidden::method" },
		{ "_ZN5shape4openEi", "shape::open(int)" },
	};

	scratch_write("a.cc", cpp_source, 0644);
	scratch_shell("c++ -g -O1 -fno-ipa-sra -fno-ipa-cp a.cc -o program");
	for (size_t i = 0; i < 3; i++)
		cr_assert_str_eq(
		        resolve("program", symbol_of("program", names[i][0])).function[0],
		        names[i][1]);
}

Test(symbol_objects, parts_that_dwz_moved_to_another_file)
{
	uint64_t local;

	if (system("command -v dwz > /dev/null") != 0)
		cr_skip_test("needs dwz");
	scratch_write("a.cc", cpp_source, 0644);
	scratch_shell("c++ -gdwarf-4 -O1 -include string a.cc -o program && "
	              "cp program other && dwz -m \"$PWD/common.debug\" program other && "
	              "readelf -S program | grep -q gnu_debugaltlink");
	local = symbol_of("program", "_ZN5shapeL5localEi");
	cr_assert_str_eq(resolve("program", local).function[0], "shape::local");
}

static char *read_file(const char *path, size_t *size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat status;
	char *bytes;

	cr_assert_eq(fstat(fd, &status), 0);
	*size = (size_t)status.st_size;
	bytes = malloc(*size);
	cr_assert_eq(read(fd, bytes, *size), status.st_size);
	close(fd);
	return bytes;
}

/* Spoils a few bytes, near each other or anywhere; sometimes the end is missing too. */
static size_t damage(char *bytes, size_t size)
{
	size_t start = rand() % 2 ? (size_t)rand() % size : 0;
	size_t span = start ? 512 : size;

	for (int i = rand() % 30; i >= 0; i--)
		bytes[(start + (size_t)rand() % span) % size] =
		        rand() % 2 ? (char)rand() : (char)0xff;
	return rand() % 8 ? size : (size_t)rand() % size;
}

static void resolve_bytes(const char *bytes, size_t size)
{
	struct mlw_symbol_source damaged = { .path = "damaged" };

	damaged.fd = open("damaged", O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	cr_assert_eq(write(damaged.fd, bytes, size), (ssize_t)size);
	for (uint64_t offset = 0x1000; offset < 0x1300; offset += 16)
		resolve_source(damaged, offset);
	close(damaged.fd);
}

Test(symbol_objects, damaged_files_are_survived)
{
	size_t size;
	char *whole, *copy;

	compile("cc", "");
	whole = read_file("program", &size);
	copy = malloc(size);
	for (unsigned int seed = 1; seed <= 60; seed++) {
		srand(seed);
		memcpy(copy, whole, size);
		resolve_bytes(copy, damage(copy, size));
	}
	free(copy);
	free(whole);
}
