/* SPDX-License-Identifier: MIT */
#include "symbol/executable.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <libelf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "symbol/debugfile.h"

/* BINPRM_BUF_SIZE and the depth of exec_binprm() in Linux: scripts of scripts of ... */
#define SCRIPT_LINE   256
#define SCRIPT_LEVELS 5

static bool begins_with(const char *text, const char *prefix)
{
	return !strncmp(text, prefix, strlen(prefix));
}

static void set_text(char *field, size_t size, const char *text)
{
	if (!*field)
		snprintf(field, size, "%s", text);
}

static int open_regular(const char *path, struct stat *status, struct mlw_error *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0)
		return mlw_fail(err, "%s: %s", path, strerror(errno));
	if (!fstat(fd, status) && S_ISREG(status->st_mode))
		return fd;
	close(fd);
	return mlw_fail(err, "%s: not a regular file", path);
}

/*
 * The interpreter in the first line of a script, the caller's to free; NULL when it is
 * none (or without memory, with *failed).
 */
static char *script_interpreter(int fd, bool *failed)
{
	char line[SCRIPT_LINE + 1];
	ssize_t size = pread(fd, line, SCRIPT_LINE, 0);
	char *start, *interpreter;

	*failed = false;
	if (size < 2 || line[0] != '#' || line[1] != '!')
		return NULL;
	line[size] = '\0';
	line[strcspn(line, "\n")] = '\0';
	start = line + 2 + strspn(line + 2, " \t");
	start[strcspn(start, " \t")] = '\0';
	if (!*start)
		return NULL;
	interpreter = strdup(start);
	*failed = !interpreter;
	return interpreter;
}

/*
 * Secure execution begins when exec changes the ids, or gives capabilities to somebody
 * who is not root; not on a file system mounted nosuid, nor with no_new_privs.
 */
static void read_privileges(struct mlw_executable *out, int fd, const struct stat *status)
{
	struct statvfs system;
	bool ignored = (!fstatvfs(fd, &system) && (system.f_flag & ST_NOSUID)) ||
	               prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1;

	out->setuid = status->st_mode & S_ISUID;
	/* Without the group's execute bit this bit means mandatory locking. */
	out->setgid = (status->st_mode & S_ISGID) && (status->st_mode & S_IXGRP);
	out->capabilities = fgetxattr(fd, "security.capability", NULL, 0) > 0;
	out->secure = !ignored && ((out->setuid && status->st_uid != getuid()) ||
	                           (out->setgid && status->st_gid != getgid()) ||
	                           (out->capabilities && getuid() != 0));
}

static uint16_t our_machine(void)
{
#if defined(__x86_64__)
	return EM_X86_64;
#elif defined(__i386__)
	return EM_386;
#elif defined(__aarch64__)
	return EM_AARCH64;
#elif defined(__riscv)
	return EM_RISCV;
#else
	return EM_NONE;
#endif
}

static int read_loader(struct mlw_executable *out, Elf *elf, const GElf_Phdr *header)
{
	Elf_Data *data = elf_getdata_rawchunk(elf, (int64_t)header->p_offset,
	                                      header->p_filesz, ELF_T_BYTE);

	if (!data || !data->d_size || out->loader)
		return -1;
	out->loader = strndup(data->d_buf, data->d_size);
	out->dynamic = true;
	return out->loader ? 0 : -1;
}

static int read_headers(struct mlw_executable *out, Elf *elf, const char *path,
                        struct mlw_error *err)
{
	size_t count = 0;
	GElf_Phdr header;
	GElf_Ehdr ehdr;

	if (!gelf_getehdr(elf, &ehdr) || elf_getphdrnum(elf, &count))
		return mlw_fail(err, "%s: a damaged ELF file", path);
	if (ehdr.e_type != ET_EXEC && ehdr.e_type != ET_DYN)
		return mlw_fail(err, "%s: an ELF file that is not a program", path);
	out->elf = true;
	out->machine = ehdr.e_machine;
	out->bits = gelf_getclass(elf) == ELFCLASS32 ? 32 : 64;
	out->native = out->machine == our_machine() && out->bits == 8 * sizeof(void *);
	for (size_t i = 0; i < count; i++)
		if (gelf_getphdr(elf, (int)i, &header) && header.p_type == PT_INTERP &&
		    read_loader(out, elf, &header))
			return mlw_fail(err, "%s: a damaged ELF file (loader)", path);
	return 0;
}

static void note_library(struct mlw_executable *out, const char *name)
{
	static const char *const allocators[] = { "libjemalloc", "libtcmalloc",
		                                  "libmimalloc" };
	static const char *const sanitizers[][2] = {
		{ "libasan", "address" },          { "libhwasan", "hwaddress" },
		{ "libtsan", "thread" },           { "liblsan", "leak" },
		{ "libclang_rt.asan", "address" },
	};

	for (size_t i = 0; i < sizeof(allocators) / sizeof(allocators[0]); i++)
		if (begins_with(name, allocators[i]))
			set_text(out->allocator, sizeof(out->allocator), name);
	for (size_t i = 0; i < sizeof(sanitizers) / sizeof(sanitizers[0]); i++)
		if (begins_with(name, sanitizers[i][0]))
			set_text(out->sanitizer, sizeof(out->sanitizer),
			         sanitizers[i][1]);
}

static void read_needed(struct mlw_executable *out, Elf *elf, Elf_Scn *section,
                        const GElf_Shdr *header)
{
	Elf_Data *data = elf_getdata(section, NULL);
	GElf_Dyn entry;

	for (int i = 0; data && gelf_getdyn(data, i, &entry); i++) {
		const char *name;

		if (entry.d_tag == DT_NULL)
			break;
		name = entry.d_tag == DT_NEEDED
		               ? elf_strptr(elf, header->sh_link, entry.d_un.d_val)
		               : NULL;
		if (name)
			note_library(out, name);
	}
}

/* Names that only one allocator has; looked at when malloc is defined in the program. */
static void note_allocator(struct mlw_executable *out, const char *name)
{
	static const char *const marks[][2] = {
		{ "mallctl", "jemalloc" },
		{ "je_mallctl", "jemalloc" },
		{ "tc_malloc", "tcmalloc" },
		{ "mi_malloc", "mimalloc" },
	};

	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
		if (!strcmp(name, marks[i][0]))
			set_text(out->allocator, sizeof(out->allocator), marks[i][1]);
}

/* Also undefined: clang links the run-time library in, gcc names a shared one. */
static void note_sanitizer(struct mlw_executable *out, const char *name)
{
	static const char *const marks[][2] = {
		{ "__asan_init", "address" }, { "__hwasan_init", "hwaddress" },
		{ "__tsan_init", "thread" },  { "__msan_init", "memory" },
		{ "__lsan_init", "leak" },
	};

	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
		if (!strcmp(name, marks[i][0]))
			set_text(out->sanitizer, sizeof(out->sanitizer), marks[i][1]);
}

static void note_symbol(struct mlw_executable *out, const char *name, const GElf_Sym *sym,
                        bool exported)
{
	note_sanitizer(out, name);
	if (sym->st_shndx == SHN_UNDEF)
		return;
	note_allocator(out, name);
	if (strcmp(name, "malloc") != 0 || GELF_ST_TYPE(sym->st_info) == STT_OBJECT)
		return;
	out->own_malloc = true;
	out->dynamic_malloc |= exported;
}

static void read_symbols(struct mlw_executable *out, Elf *elf, Elf_Scn *section,
                         const GElf_Shdr *header)
{
	Elf_Data *data = elf_getdata(section, NULL);
	GElf_Sym sym;

	for (int i = 0; data && gelf_getsym(data, i, &sym); i++) {
		const char *name = elf_strptr(elf, header->sh_link, sym.st_name);

		if (name)
			note_symbol(out, name, &sym, header->sh_type == SHT_DYNSYM);
	}
}

static bool is_debug_info(Elf *elf, const GElf_Shdr *header)
{
	const char *name;
	size_t names;

	if (header->sh_type == SHT_NOBITS || elf_getshdrstrndx(elf, &names))
		return false;
	name = elf_strptr(elf, names, header->sh_name);
	return name && (!strcmp(name, ".debug_info") || !strcmp(name, ".zdebug_info"));
}

static void read_sections(struct mlw_executable *out, Elf *elf)
{
	Elf_Scn *section = NULL;
	GElf_Shdr header;

	while ((section = elf_nextscn(elf, section))) {
		if (!gelf_getshdr(section, &header))
			continue;
		out->symbols |= header.sh_type == SHT_SYMTAB;
		out->dynamic_symbols |= header.sh_type == SHT_DYNSYM;
		out->debug_info |= is_debug_info(elf, &header);
		if (header.sh_type == SHT_SYMTAB || header.sh_type == SHT_DYNSYM)
			read_symbols(out, elf, section, &header);
		else if (header.sh_type == SHT_DYNAMIC)
			read_needed(out, elf, section, &header);
	}
}

/* Only what it adds for symbolizing: its symbols say nothing of what is exported. */
static void read_debug_file(struct mlw_executable *out, Elf *elf, const char *path)
{
	struct mlw_executable debug = { 0 };
	int fd = mlw_debugfile_open(elf, path, &out->debug_file);
	Elf *other = fd >= 0 ? elf_begin(fd, ELF_C_READ_MMAP, NULL) : NULL;

	if (other)
		read_sections(&debug, other);
	out->debug_info |= debug.debug_info;
	out->symbols |= debug.symbols;
	elf_end(other);
	if (fd >= 0)
		close(fd);
}

static void read_build_id(struct mlw_executable *out, Elf *elf)
{
	struct mlw_build_id id = mlw_build_id_of(elf);

	if (!id.size || id.size > sizeof(out->build_id))
		return;
	memcpy(out->build_id, id.bytes, id.size);
	out->build_id_size = id.size;
}

static int read_elf(struct mlw_executable *out, int fd, const char *path,
                    struct mlw_error *err)
{
	int result = 0;
	Elf *elf;

	elf_version(EV_CURRENT);
	elf = elf_begin(fd, ELF_C_READ_MMAP, NULL);
	if (elf && elf_kind(elf) == ELF_K_ELF) {
		result = read_headers(out, elf, path, err);
		if (result == 0) {
			read_build_id(out, elf);
			read_sections(out, elf);
			read_debug_file(out, elf, path);
		}
	}
	elf_end(elf);
	return result;
}

/* One file: in *interpreter what runs it when it is a script, else all into `out`. */
static int inspect_file(struct mlw_executable *out, const char *path, char **interpreter,
                        struct mlw_error *err)
{
	struct stat status;
	bool failed;
	int result, fd = open_regular(path, &status, err);

	*interpreter = NULL;
	if (fd < 0)
		return -1;
	*interpreter = script_interpreter(fd, &failed);
	if (failed) {
		result = mlw_fail(err, "out of memory");
	} else if (*interpreter) {
		result = 0;
	} else {
		read_privileges(out, fd, &status);
		result = read_elf(out, fd, path, err);
	}
	close(fd);
	return result;
}

int mlw_executable_inspect(const char *path, struct mlw_executable *out,
                           struct mlw_error *err)
{
	char *deeper = NULL, *next;
	int result;

	*out = (struct mlw_executable){ 0 };
	result = inspect_file(out, path, &out->interpreter, err);
	path = out->interpreter;
	for (int level = 1; result == 0 && path; level++) {
		if (level > SCRIPT_LEVELS) {
			result = mlw_fail(err, "%s: too many scripts of scripts", path);
			break;
		}
		result = inspect_file(out, path, &next, err);
		free(deeper);
		path = deeper = next;
	}
	free(deeper);
	return result;
}

void mlw_executable_release(struct mlw_executable *executable)
{
	if (!executable)
		return;
	free(executable->interpreter);
	free(executable->loader);
	free(executable->debug_file);
	*executable = (struct mlw_executable){ 0 };
}

const char *mlw_executable_machine(const struct mlw_executable *executable)
{
	switch (executable->machine) {
	case EM_X86_64:
		return executable->bits == 32 ? "x32" : "x86-64";
	case EM_386:
		return "i386";
	case EM_AARCH64:
		return "aarch64";
	case EM_ARM:
		return "arm";
	case EM_RISCV:
		return executable->bits == 32 ? "riscv32" : "riscv64";
	case EM_PPC64:
		return "ppc64";
	case EM_S390:
		return "s390x";
	case EM_MIPS:
		return "mips";
	case EM_LOONGARCH:
		return "loongarch";
	default:
		return "unknown";
	}
}
