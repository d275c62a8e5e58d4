/* SPDX-License-Identifier: MIT */
#include "store/replace.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "store/sql.h"

/* Where SQLite's locks are (sqlite3 os.h): the pending byte, the reserved byte, and the
 * range in which every connection in WAL mode holds a shared lock for as long as it
 * lives. */
#define SQLITE_LOCKS      0x40000000
#define SQLITE_LOCKS_SIZE 512

/* The header of an SQLite file (https://sqlite.org/fileformat.html). */
#define HEADER_SIZE           100
#define HEADER_APPLICATION_ID 68

/* Is what `file` holds ours to replace? */
static int check_content(int file, const char *path, struct mlw_error *err)
{
	unsigned char header[HEADER_SIZE];
	ssize_t size = pread(file, header, sizeof(header), 0);
	uint32_t id;

	if (size < 0)
		return mlw_fail(err, "%s: %s", path, strerror(errno));
	if (size == 0)
		return 0;
	memcpy(&id, header + HEADER_APPLICATION_ID, sizeof(id));
	if (size < HEADER_SIZE || memcmp(header, "SQLite format 3", 16) != 0 ||
	    be32toh(id) != MLW_APPLICATION_ID)
		return mlw_fail(err, "%s: exists and is not a mallow recording", path);
	return 0;
}

static int check_unused(int file, const char *path, struct mlw_error *err)
{
	struct flock lock = {
		.l_type = F_WRLCK,
		.l_whence = SEEK_SET,
		.l_start = SQLITE_LOCKS,
		.l_len = SQLITE_LOCKS_SIZE,
	};

	if (fcntl(file, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK)
		return mlw_fail(err, "%s: is in use, by a recording or a reader", path);
	return 0;
}

int mlw_store_check_replaceable(const char *path, struct mlw_error *err)
{
	int file = open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat status;
	int result = -1;

	if (file < 0 || fstat(file, &status) != 0) {
		mlw_fail(err, "%s: %s", path, strerror(errno));
		goto out;
	}
	if (!S_ISREG(status.st_mode)) {
		mlw_fail(err, "%s: is not a regular file", path);
		goto out;
	}
	if (!check_content(file, path, err) && !check_unused(file, path, err))
		result = 0;
out:
	if (file >= 0)
		close(file);
	return result;
}

#define ATTEMPTS 100

/* Not mkostemp, which leaves the mode that the user wants to who would change umask, and
 * with it that of every thread. */
static int create_beside(const char *path, struct mlw_strbuf *name)
{
	int file = -1;

	for (int i = 0; file < 0 && i < ATTEMPTS; i++) {
		uint64_t number;

		if (getrandom(&number, sizeof(number), 0) != sizeof(number))
			return -1;
		mlw_strbuf_clear(name);
		mlw_strbuf_printf(name, "%s.%06" PRIx64, path, number & 0xffffff);
		if (mlw_strbuf_failed(name)) {
			errno = ENOMEM;
			return -1;
		}
		file = open(name->text, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
		if (file < 0 && errno != EEXIST)
			return -1;
	}
	return file;
}

char *mlw_store_file_beside(const char *path, struct mlw_error *err)
{
	struct mlw_strbuf name = MLW_STRBUF_INIT;
	int file = create_beside(path, &name);

	if (file < 0) {
		mlw_fail(err, "%s: %s", path, strerror(errno));
		mlw_strbuf_release(&name);
		return NULL;
	}
	close(file);
	return mlw_strbuf_detach(&name);
}

void mlw_store_remove_beside(const char *path, const char *ending)
{
	struct mlw_strbuf name = MLW_STRBUF_INIT;

	mlw_strbuf_printf(&name, "%s%s", path, ending);
	if (!mlw_strbuf_failed(&name))
		unlink(name.text);
	mlw_strbuf_release(&name);
}
