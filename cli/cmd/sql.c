/* SPDX-License-Identifier: MIT */

/* mallow sql: a recording as tables. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "cmd/command.h"
#include "cmd/help.h"
#include "cmd/output.h"
#include "cmd/selection.h"
#include "render/answer.h"
#include "views/inquiry.h"

static const char *const help[] = {
	"usage: mallow sql FILE [QUERY] [options]\n"
	"\n"
	"Answers SQL about a run, of QUERY or, without it, of standard input.\n"
	"\n"
	"  runs, processes, threads, modules   what ran\n"
	"  traces, sites, frames               where memory was allocated, by trace\n"
	"  events                              what happened: op is alloc, free, ...\n"
	"  live_blocks                         what was never freed\n"
	"  pools                               memory of pools: used and free\n"
	"  timeline, snapshots                 moments of the run\n"
	"  metadata                            of a saved snapshot\n"
	"\n"
	"'PRAGMA table_info(events)' lists the columns of a table; sizes are in bytes,\n"
	"times in nanoseconds. The file is never changed.\n"
	"\n",
	mlw_help_names,
	"\n",
	mlw_help_output,
	NULL,
};

static const struct mlw_accepted accepted = {
	.command = "sql",
	.help = help,
	.operand = "FILE",
	.second = "QUERY",
	.csv = true,
	.names = true,
};

struct session {
	struct mlw_inquiry *inquiry;
	struct mlw_answer answer;
	struct mlw_sink answer_sink;
	struct mlw_sink sink; /* the same behind the bar */
	struct mlw_bar *bar;
};

/* From the first row on, the rows say how far it has come where both go to a terminal. */
static int begin(void *context, const char *const *names, size_t count, bool is_last,
                 struct mlw_error *err)
{
	struct session *session = context;

	if (isatty(STDOUT_FILENO))
		mlw_bar_stop(session->bar);
	return session->answer_sink.begin(session->answer_sink.context, names, count,
	                                  is_last, err);
}

static int row(void *context, const struct mlw_value *values, size_t count,
               struct mlw_error *err)
{
	const struct mlw_sink *sink = &((struct session *)context)->answer_sink;

	return sink->row(sink->context, values, count, err);
}

/* Another statement may follow, which has a second for itself too. */
static int end(void *context, struct mlw_error *err)
{
	struct session *session = context;

	mlw_bar_stop(session->bar);
	mlw_bar_init(session->bar, stderr);
	return session->answer_sink.end(session->answer_sink.context, err);
}

static void choose_format(struct session *session, const struct mlw_selection *selection)
{
	if (selection->format == MLW_FORMAT_JSON)
		session->answer_sink = mlw_answer_json(&session->answer, stdout);
	else if (selection->format == MLW_FORMAT_CSV)
		session->answer_sink = mlw_answer_csv(&session->answer, stdout);
	else
		session->answer_sink =
		        mlw_answer_text(&session->answer, &selection->style, stdout);
	session->bar = selection->query.names.progress_context;
	session->sink = (struct mlw_sink){ session, begin, row, end };
}

static int read_all(struct mlw_strbuf *text, struct mlw_error *err)
{
	char bytes[4096];
	size_t size;

	while ((size = fread(bytes, 1, sizeof(bytes), stdin)) > 0)
		mlw_strbuf_add(text, bytes, size);
	if (ferror(stdin))
		return mlw_fail(err, "standard input: %s", strerror(errno));
	if (strlen(text->text) != text->length)
		return mlw_fail(err, "standard input is no text");
	return mlw_strbuf_failed(text) ? mlw_fail(err, "out of memory") : 0;
}

static int answer_input(struct session *session, struct mlw_error *err)
{
	struct mlw_strbuf text = MLW_STRBUF_INIT;
	int result = read_all(&text, err);

	if (!result)
		result =
		        mlw_inquiry_run(session->inquiry, text.text, &session->sink, err);
	mlw_strbuf_release(&text);
	return result;
}

/* One statement that was typed; a mistake in it is no reason to end. */
static void answer_typed(struct session *session, struct mlw_strbuf *text)
{
	struct mlw_error err;

	session->answer.count = 0;
	mlw_bar_init(session->bar, stderr);
	if (mlw_inquiry_run(session->inquiry, text->text, &session->sink, &err)) {
		mlw_answer_release(&session->answer);
		fflush(stdout);
		mlw_output_note(NULL, err.text);
	}
	mlw_strbuf_clear(text);
}

/* Line by line, until a statement is whole. */
static int answer_terminal(struct session *session, struct mlw_error *err)
{
	struct mlw_strbuf text = MLW_STRBUF_INIT;
	char *line = NULL;
	size_t capacity = 0;
	bool failed;

	puts("SQL, each statement ended by ';'. Ctrl-D ends.");
	for (;;) {
		fputs(text.length ? "   ...> " : "mallow> ", stdout);
		fflush(stdout);
		if (getline(&line, &capacity, stdin) < 0)
			break;
		mlw_strbuf_puts(&text, line);
		if (mlw_inquiry_is_whole(text.text))
			answer_typed(session, &text);
	}
	putchar('\n');
	if (text.length)
		answer_typed(session, &text);
	failed = mlw_strbuf_failed(&text);
	mlw_strbuf_release(&text);
	free(line);
	return failed ? mlw_fail(err, "out of memory") : 0;
}

/* What the rows do not say, but their reader should know. */
static void write_notes(const struct session *session)
{
	mlw_output_incomplete(mlw_inquiry_file(session->inquiry),
	                      mlw_inquiry_closed(session->inquiry),
	                      mlw_inquiry_complete(session->inquiry));
	if (mlw_inquiry_sample(session->inquiry))
		mlw_output_note(mlw_inquiry_file(session->inquiry),
		                "sampled: totals are estimates, events and "
		                "blocks are those that were sampled");
	if (mlw_inquiry_cut(session->inquiry))
		mlw_output_note(mlw_inquiry_file(session->inquiry),
		                "not all events were kept (--max-size), "
		                "totals are of the whole run");
}

static int answer(struct session *session, const struct mlw_selection *selection,
                  struct mlw_error *err)
{
	int result;

	choose_format(session, selection);
	if (selection->second)
		result = mlw_inquiry_run(session->inquiry, selection->second,
		                         &session->sink, err);
	else if (isatty(STDIN_FILENO) && isatty(STDOUT_FILENO))
		result = answer_terminal(session, err);
	else
		result = answer_input(session, err);
	fflush(stdout);
	write_notes(session);
	mlw_answer_release(&session->answer);
	return result;
}

static int show(const struct mlw_selection *selection, struct mlw_error *err)
{
	struct session session = { 0 };
	int result = mlw_inquiry_open(&session.inquiry, selection->query.place,
	                              &selection->query.names, err);

	if (!result)
		result = answer(&session, selection, err);
	mlw_inquiry_close(session.inquiry);
	return result;
}

static int run(int argc, char **argv)
{
	return mlw_selection_answer(argc, argv, &accepted, show);
}

const struct mlw_command mlw_command_sql = {
	.name = "sql",
	.usage = "FILE [QUERY] [options]",
	.summary = "SQL about a run: events, sites, live blocks and more",
	.run = run,
};
