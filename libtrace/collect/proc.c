/* SPDX-License-Identifier: MIT */
#include "collect/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/strbuf.h"

#define PATH_SIZE       128
#define STAT_EXIT_FIELD 52 /* proc(5): exit_code */
#define COMMAND_MAX     65536u
#define ENVIRONMENT_MAX (8u << 20) /* more than execve allows by default */

/* linux/pidfd.h as of 6.15; the distribution's may be older. */
struct pidfd_info {
	uint64_t mask;
	uint64_t cgroup_id;
	uint32_t pid, tgid, ppid;
	uint32_t ids[8];
	int32_t exit_code;
};

_Static_assert(sizeof(struct pidfd_info) == 64, "PIDFD_INFO_SIZE_VER0");

#define PIDFD_GET_INFO  _IOWR(0xFF, 11, struct pidfd_info)
#define PIDFD_INFO_EXIT (UINT64_C(1) << 3)

int mlw_proc_open(pid_t pid, const char *name)
{
	char path[PATH_SIZE];

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	return open(path, O_RDONLY | O_CLOEXEC);
}

/* The start of a /proc file with a NUL behind it; -1 when it cannot be read. */
static ssize_t read_start(int fd, char *text, size_t size)
{
	size_t length = 0;
	ssize_t got;

	if (fd < 0)
		return -1;
	while (length + 1 < size && (got = read(fd, text + length, size - length - 1))) {
		if (got < 0) {
			close(fd);
			return -1;
		}
		length += (size_t)got;
	}
	text[length] = '\0';
	close(fd);
	return (ssize_t)length;
}

char *mlw_proc_environment(pid_t pid, size_t *size)
{
	char *text = malloc(ENVIRONMENT_MAX);
	ssize_t length = -1;

	if (text)
		length = read_start(mlw_proc_open(pid, "environ"), text, ENVIRONMENT_MAX);
	if (length >= 0) {
		*size = (size_t)length;
		return text;
	}
	free(text);
	return NULL;
}

/* UTF-8 has this many bytes in the character that begins at `text`; 0: not UTF-8. */
static size_t utf8_length(const unsigned char *text)
{
	static const unsigned least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t length = text[0] < 0x80   ? 1
	                : text[0] < 0xc2 ? 0
	                : text[0] < 0xe0 ? 2
	                : text[0] < 0xf0 ? 3
	                : text[0] < 0xf5 ? 4
	                                 : 0;
	unsigned code = length > 1 ? text[0] & (0x7fu >> length) : text[0];

	for (size_t i = 1; i < length; i++) {
		if ((text[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (text[i] & 0x3f);
	}
	if (length > 1 && (code < least[length] || code > 0x10ffff ||
	                   (code >= 0xd800 && code < 0xe000)))
		return 0;
	return length;
}

/* As a JSON string (RFC 8259, section 7); what is not UTF-8 becomes U+FFFD. */
static void add_string(struct mlw_strbuf *json, const char *string)
{
	const unsigned char *at = (const unsigned char *)string;

	mlw_strbuf_putc(json, '"');
	while (*at) {
		size_t length = utf8_length(at);

		if (*at == '"' || *at == '\\')
			mlw_strbuf_printf(json, "\\%c", *at);
		else if (*at < 0x20)
			mlw_strbuf_printf(json, "\\u%04x", *at);
		else if (length)
			mlw_strbuf_add(json, (const char *)at, length);
		else
			mlw_strbuf_puts(json, "\xef\xbf\xbd");
		at += length ? length : 1;
	}
	mlw_strbuf_putc(json, '"');
}

char *mlw_proc_json_command(char *const *argv)
{
	struct mlw_strbuf json = MLW_STRBUF_INIT;

	mlw_strbuf_putc(&json, '[');
	for (size_t i = 0; argv[i]; i++) {
		if (i)
			mlw_strbuf_putc(&json, ',');
		add_string(&json, argv[i]);
	}
	mlw_strbuf_putc(&json, ']');
	return mlw_strbuf_detach(&json);
}

char **mlw_proc_words(pid_t pid)
{
	size_t room = COMMAND_MAX + 1, count = 0; /* a word may be empty: a byte */
	char **words = malloc(room * sizeof(*words) + COMMAND_MAX);
	char *line;
	ssize_t size;

	if (!words)
		return NULL;
	line = (char *)(words + room);
	size = read_start(mlw_proc_open(pid, "cmdline"), line, COMMAND_MAX);
	for (char *at = line; size > 0 && at < line + size; at += strlen(at) + 1)
		words[count++] = at;
	words[count] = NULL;
	if (count)
		return words;
	free(words);
	return NULL;
}

char *mlw_proc_command(pid_t pid)
{
	struct mlw_strbuf json = MLW_STRBUF_INIT;
	char *line = malloc(COMMAND_MAX);
	ssize_t size;

	if (!line)
		return NULL;
	size = read_start(mlw_proc_open(pid, "cmdline"), line, COMMAND_MAX);
	if (size > 0) {
		mlw_strbuf_putc(&json, '[');
		for (const char *at = line; at < line + size; at += strlen(at) + 1) {
			if (at > line)
				mlw_strbuf_putc(&json, ',');
			add_string(&json, at);
		}
		mlw_strbuf_putc(&json, ']');
	}
	free(line);
	if (size > 0)
		return mlw_strbuf_detach(&json);
	mlw_strbuf_release(&json);
	return NULL;
}

void mlw_proc_link(pid_t pid, const char *name, char *path, size_t size)
{
	static const char deleted[] = " (deleted)";
	char link[PATH_SIZE];
	ssize_t length;

	snprintf(link, sizeof(link), "/proc/%d/%s", (int)pid, name);
	length = readlink(link, path, size - 1);
	path[length > 0 ? length : 0] = '\0';
	if (length >= (ssize_t)sizeof(deleted) &&
	    !strcmp(path + length - (sizeof(deleted) - 1), deleted))
		path[length - (ssize_t)(sizeof(deleted) - 1)] = '\0';
}

/* Field `number` (from 3) of /proc/PID/stat: those behind the name, which may hold
 * anything but ends at the last parenthesis. */
static bool stat_field(pid_t pid, int number, char *state, long *value)
{
	char text[1024], *at, *end;

	if (read_start(mlw_proc_open(pid, "stat"), text, sizeof(text)) <= 0)
		return false;
	at = strrchr(text, ')');
	if (!at || at[1] != ' ')
		return false;
	*state = at[2];
	at += 2;
	for (int field = 3; field < number; field++) {
		at = strchr(at, ' ');
		if (!at)
			return false;
		at++;
	}
	*value = strtol(at, &end, 10);
	return end > at;
}

pid_t mlw_proc_parent(pid_t pid)
{
	char state;
	long parent;

	return stat_field(pid, 4, &state, &parent) ? (pid_t)parent : 0;
}

uint64_t mlw_proc_memory(pid_t pid, const char *line)
{
	char text[4096];
	const char *at;

	if (read_start(mlw_proc_open(pid, "status"), text, sizeof(text)) <= 0)
		return 0;
	at = strstr(text, line);
	return at ? strtoull(at + strlen(line), NULL, 10) * 1024 : 0;
}

void mlw_proc_thread_name(pid_t pid, pid_t tid, char *name, size_t size)
{
	char file[PATH_SIZE / 2];
	ssize_t length;

	snprintf(file, sizeof(file), "task/%d/comm", (int)tid);
	length = read_start(mlw_proc_open(pid, file), name, size);
	if (length > 0 && name[length - 1] == '\n')
		name[length - 1] = '\0';
	else
		name[length > 0 ? length : 0] = '\0';
}

bool mlw_proc_has_thread(pid_t pid, pid_t tid)
{
	return !syscall(SYS_tgkill, pid, tid, 0) || errno != ESRCH;
}

bool mlw_proc_shares_ids(pid_t pid)
{
	char theirs[64], ours[64];

	mlw_proc_link(pid, "ns/pid", theirs, sizeof(theirs));
	mlw_proc_link(getpid(), "ns/pid", ours, sizeof(ours));
	return theirs[0] && !strcmp(theirs, ours);
}

uint64_t mlw_proc_resident(int statm)
{
	char text[128], *end;
	ssize_t length = statm < 0 ? -1 : pread(statm, text, sizeof(text) - 1, 0);

	if (length <= 0)
		return 0;
	text[length] = '\0';
	strtoull(text, &end, 10);
	return strtoull(end, NULL, 10) * (uint64_t)sysconf(_SC_PAGESIZE);
}

int mlw_proc_pidfd(pid_t pid)
{
	return (int)syscall(SYS_pidfd_open, pid, 0);
}

bool mlw_proc_ended(int pidfd)
{
	struct pollfd poll_fd = { .fd = pidfd, .events = POLLIN };

	return poll(&poll_fd, 1, 0) > 0;
}

static bool reaped_status(int pidfd, int *status)
{
	struct pidfd_info info = { .mask = PIDFD_INFO_EXIT };

	if (ioctl(pidfd, PIDFD_GET_INFO, &info) || !(info.mask & PIDFD_INFO_EXIT))
		return false;
	*status = info.exit_code;
	return true;
}

bool mlw_proc_wait_status(pid_t pid, int pidfd, int *status)
{
	char state;
	long value;

	if (reaped_status(pidfd, status))
		return true;
	if (stat_field(pid, STAT_EXIT_FIELD, &state, &value) && state == 'Z') {
		*status = (int)value;
		return true;
	}
	return reaped_status(pidfd, status);
}
