/* SPDX-License-Identifier: MIT */
#ifndef MLW_HELLO_H
#define MLW_HELLO_H

/*
 * How a process and the collector meet: over a SOCK_SEQPACKET socket in the run's own
 * folder (mode 0700), whose path is in the environment variable MLW_ENV_SOCKET. The
 * process connects, sends one request, receives one reply with descriptors attached,
 * maps them, and closes everything. The collector takes the pid from SO_PEERCRED.
 */

#include <stdint.h>

#define MLW_ENV_SOCKET "MALLOW_SOCKET"

/*
 * A program that begins its recording itself executes the collector: `mallow` with the
 * words
 *
 *	MLW_BEGIN_COMMAND PID DEPTH LIBRARY [FILE]
 *
 * PID is the program's, LIBRARY is libmallow.so as the loader has it, FILE is where to,
 * by default PROGRAM.PID.mallow. What has come of it is written to the descriptor
 * MLW_BEGIN_FD, a pipe; then the command ends, and its child is the collector.
 */
#define MLW_BEGIN_COMMAND "--begin-recording"
#define MLW_BEGIN_FD      3

struct mlw_begun {
	uint32_t magic;
	uint32_t version;
	int32_t error; /* 0, or a negative errno: then `text` is a sentence */
	char socket[108]; /* where the collector is met */
	char library[108]; /* what children preload instead of LIBRARY, or "" */
	char text[256];
};

enum mlw_hello_kind {
	MLW_HELLO_PROCESS = 1, /* a new process (or a new image after exec) */
	MLW_HELLO_MORE_RINGS = 2, /* `process` has used up its rings */
	MLW_HELLO_SNAPSHOT = 3, /* a struct mlw_snapshot_request, from whoever may */
	MLW_HELLO_TRACEBACK = 4, /* a struct mlw_traceback_request, from a process */
};

struct mlw_hello {
	uint32_t magic;
	uint32_t version;
	uint32_t kind;
	uint32_t process; /* MORE_RINGS: config.process; else 0 */
	int32_t pid; /* as the process sees itself */
	int32_t forked_from; /* own pid of the recorded process that forked us, or 0 */
	uint64_t fork_sequence; /* its CONTROL_FORK value, or 0 when unknown */
};

enum mlw_welcome_status {
	MLW_WELCOME_RECORD = 0, /* descriptors: run page, segment (MORE_RINGS: segment) */
	/* This process is not recorded: keep quiet, ask no more. */
	MLW_WELCOME_REFUSED = 1,
	MLW_WELCOME_FULL = 2, /* MORE_RINGS: no more rings */
};

struct mlw_welcome {
	uint32_t magic;
	uint32_t version;
	uint32_t status;
	uint32_t ring_count; /* entries of rings[] that have memory now */
	uint64_t segment_size; /* RECORD: bytes to map; MORE_RINGS: the new slab's ... */
	uint64_t slab_offset; /* ... offset, MORE_RINGS only; the slab ends the segment */
};

/*
 * A snapshot of the whole run, asked for by any process of the same user. The answer
 * comes when it is in the file; the connection stays open until then.
 */
#define MLW_SNAPSHOT_NAME_SIZE 128

struct mlw_snapshot_request {
	uint32_t magic;
	uint32_t version;
	uint32_t kind; /* MLW_HELLO_SNAPSHOT */
	int32_t pid; /* of a process of the run, or of the launcher; 0: who asks */
	char name[MLW_SNAPSHOT_NAME_SIZE]; /* ends with a NUL */
};

enum mlw_snapshot_status {
	MLW_SNAPSHOT_TAKEN = 0,
	MLW_SNAPSHOT_STRANGER = 1, /* `pid` is not recorded here */
	MLW_SNAPSHOT_FAILED = 2, /* `text` says why */
	MLW_SNAPSHOT_BAD_NAME = 3, /* as FAILED: the name is none */
};

struct mlw_snapshot_reply {
	uint32_t magic;
	uint32_t version;
	uint32_t status; /* enum mlw_snapshot_status */
	uint32_t reserved;
	uint64_t at_us, size, count; /* TAKEN: as in the file */
	char text[256]; /* TAKEN: the file; FAILED: a sentence */
};

/*
 * Where a live block of the process that asks was allocated. The answer comes when all
 * that the process had published has been read: one message, the reply with `count`
 * return addresses behind it, most recent call first. With `text` the reply alone, and
 * then messages of at most MLW_TRACEBACK_PART bytes of text until the connection ends.
 */
#define MLW_TRACEBACK_FRAMES 1024u
#define MLW_TRACEBACK_PART   4096u
/* In an address: its module was there when it was last announced. The process itself
 * knows whether it has been unloaded since. */
#define MLW_TRACEBACK_MODULE (UINT64_C(1) << 63)

struct mlw_traceback_request {
	uint32_t magic;
	uint32_t version;
	uint32_t kind; /* MLW_HELLO_TRACEBACK */
	uint32_t domain; /* 0 malloc, else enum mlw_map_kind */
	uint64_t address;
	uint32_t text;
	uint32_t reserved;
};

_Static_assert(sizeof(struct mlw_traceback_request) >= sizeof(struct mlw_hello),
               "no message is shorter");

enum mlw_traceback_status {
	MLW_TRACEBACK_FOUND = 0,
	MLW_TRACEBACK_UNKNOWN = 1, /* no live block that is known */
	MLW_TRACEBACK_FAILED = 2, /* out of memory */
};

struct mlw_traceback_reply {
	uint32_t magic;
	uint32_t version;
	uint32_t status; /* enum mlw_traceback_status */
	uint32_t count;
	uint64_t size; /* of the block */
	uint32_t truncated; /* outermost frames are missing */
	uint32_t reserved;
};

#endif /* MLW_HELLO_H */
