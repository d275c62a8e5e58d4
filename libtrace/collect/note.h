/* SPDX-License-Identifier: MIT */
#ifndef MLW_NOTE_H
#define MLW_NOTE_H

/*
 * What launcher and collector tell each other, over a SOCK_SEQPACKET pair: one note a
 * message. Both are the same executable, so the struct itself is the format.
 *
 *	launcher                        collector
 *	PROGRAM pid          ------>
 *	                     <------    READY socket and file, or FAILED sentence
 *	SNAPSHOT             ------>
 *	ENDED wait status    ------>
 *	                     <------    SUMMARY, when the file answers (with --wait:
 *	                                when the last process has ended)
 *	CALLED_OFF           ------>    the program could not be executed: no file
 *
 * Either side may go away at any time: the other then sees the end of the stream.
 */

#include <stdbool.h>
#include <stdint.h>

#include "heap/heap.h"

enum mlw_note_kind {
	MLW_NOTE_PROGRAM = 1,
	MLW_NOTE_READY = 2,
	MLW_NOTE_FAILED = 3,
	MLW_NOTE_SNAPSHOT = 4,
	MLW_NOTE_ENDED = 5,
	MLW_NOTE_SUMMARY = 6,
	MLW_NOTE_CALLED_OFF = 7,
};

/* What the user is told at the end. */
struct mlw_summary {
	struct mlw_totals totals;
	uint64_t lost_events;
	uint64_t damaged_events;
	uint64_t stack_mismatches;
	uint64_t duration_ns;
	uint32_t processes; /* recorded */
	uint32_t threads;
	uint32_t surviving; /* processes that still run */
	bool recorded; /* the program itself was */
	bool events_cut; /* --max-size was reached */
	char reason[256]; /* why it was not, as the end of a sentence */
	char store_error[256]; /* why the file is not whole; "" when it is */
};

struct mlw_note {
	uint32_t kind; /* enum mlw_note_kind */
	int32_t value; /* PROGRAM: pid; ENDED: status as waitpid gives it */
	uint64_t peak_rss; /* ENDED: bytes, as wait4 gives it */
	char socket[128]; /* READY */
	char library[128]; /* READY: what to preload instead of options->library, or "" */
	char text[512]; /* FAILED: the sentence; READY: the file */
	struct mlw_summary summary; /* SUMMARY */
};

/* Sends without waiting for room and without SIGPIPE; false when it could not be sent. */
bool mlw_note_send(int fd, const struct mlw_note *note);

/* Receives one note: 1; 0 at the end of the stream; -1 with errno (EAGAIN with `wait`
 * false: none there). */
int mlw_note_receive(int fd, struct mlw_note *note, bool wait);

#endif /* MLW_NOTE_H */
