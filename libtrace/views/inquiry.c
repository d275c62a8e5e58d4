/* SPDX-License-Identifier: MIT */
#include "views/inquiry.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/place.h"
#include "base/progress.h"
#include "views/views.h"

#define STEPS 100000 /* of SQLite's machine, between two looks at how far it has come */

struct mlw_inquiry {
	sqlite3 *sqlite; /* in memory */
	struct mlw_place place;
	struct mlw_progress progress;
	struct mlw_views *views;
	char refusal[128]; /* of the statement that is being prepared, or "" */
	const char **names;
	struct mlw_value *values;
};

static int refuse(struct mlw_inquiry *inquiry, const char *what)
{
	snprintf(inquiry->refusal, sizeof(inquiry->refusal),
	         "a recording is only read: %s is refused", what);
	return SQLITE_DENY;
}

/* PRAGMAs that tell something of the tables and change nothing. */
static int judge_pragma(struct mlw_inquiry *inquiry, const char *name)
{
	static const char *const harmless[] = {
		"table_info",       "table_xinfo", "table_list",  "database_list",
		"function_list",    "module_list", "pragma_list", "collation_list",
		"compile_options",  "index_list",  "index_info",  "index_xinfo",
		"foreign_key_list",
	};
	char what[64];

	for (size_t i = 0; i < sizeof(harmless) / sizeof(*harmless); i++)
		if (!sqlite3_stricmp(name, harmless[i]))
			return SQLITE_OK;
	snprintf(what, sizeof(what), "PRAGMA %s", name);
	return refuse(inquiry, what);
}

static int judge(void *context, int action, const char *first, const char *second,
                 const char *database, const char *trigger)
{
	struct mlw_inquiry *inquiry = context;
	bool is_temporary = database && !strcmp(database, "temp");

	(void)second;
	(void)trigger;
	switch (action) {
	case SQLITE_ATTACH:
		return refuse(inquiry, "ATTACH (or VACUUM)");
	case SQLITE_DETACH:
		return refuse(inquiry, "DETACH");
	case SQLITE_PRAGMA:
		return judge_pragma(inquiry, first);
	case SQLITE_DROP_VTABLE:
		return refuse(inquiry, "DROP of its tables");
	case SQLITE_INSERT:
		if (!is_temporary && !strcmp(first, "sqlite_master"))
			return refuse(inquiry, "CREATE (CREATE TEMP is not)");
		return is_temporary ? SQLITE_OK : refuse(inquiry, "a change");
	case SQLITE_UPDATE:
		/* Asked when a virtual table is declared; a real one is impossible. */
		if (!strcmp(first, "sqlite_master"))
			return SQLITE_OK;
		return is_temporary ? SQLITE_OK : refuse(inquiry, "a change");
	case SQLITE_CREATE_VTABLE:
	case SQLITE_DELETE:
	case SQLITE_ANALYZE:
	case SQLITE_REINDEX:
		return is_temporary ? SQLITE_OK : refuse(inquiry, "a change");
	default:
		return SQLITE_OK;
	}
}

/* One line, without control characters, whatever stands in the query. */
static int fail(struct mlw_inquiry *inquiry, struct mlw_error *err)
{
	char text[200];

	snprintf(text, sizeof(text), "%s", sqlite3_errmsg(inquiry->sqlite));
	for (char *at = text; *at; at++)
		if ((unsigned char)*at < ' ' || *at == 127)
			*at = ' ';
	if (*inquiry->refusal)
		return mlw_fail(err, "%s", inquiry->refusal);
	return mlw_fail(err, "%s", text);
}

/* What is behind the scans, such as sorting, takes nobody knows how long. */
static int tell(void *context)
{
	const struct mlw_inquiry *inquiry = context;
	uint64_t done, total;

	mlw_views_progress(inquiry->views, &done, &total);
	mlw_progress_report(&inquiry->progress, done,
	                    done < total ? total : MLW_PROGRESS_UNKNOWN);
	return 0;
}

static int open_sqlite(struct mlw_inquiry *inquiry, struct mlw_error *err)
{
	if (sqlite3_open_v2(":memory:", &inquiry->sqlite,
	                    SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX,
	                    NULL) != SQLITE_OK)
		return mlw_fail(err, "out of memory");
	if (mlw_views_attach(inquiry->views, inquiry->sqlite, err))
		return -1;
	sqlite3_set_authorizer(inquiry->sqlite, judge, inquiry);
	sqlite3_progress_handler(inquiry->sqlite, STEPS, tell, inquiry);
	return 0;
}

static int open_place(struct mlw_inquiry *inquiry, const char *text,
                      const struct mallow_run_options *options, struct mlw_error *err)
{
	struct mlw_place *place = &inquiry->place;

	if (mlw_place_init(place, text, NULL, err))
		return -1;
	if (place->kind != MLW_PLACE_END)
		return mlw_fail(err,
		                "%s: SQL is asked of a whole run, not of '@%s' (a file "
		                "with '@' in its name is written FILE@end)",
		                place->file, place->when);
	return mlw_views_new(&inquiry->views, place->file, options, err);
}

int mlw_inquiry_open(struct mlw_inquiry **inquiry, const char *place,
                     const struct mallow_run_options *options, struct mlw_error *err)
{
	struct mlw_inquiry *made = calloc(1, sizeof(*made));

	*inquiry = NULL;
	if (!made)
		return mlw_fail(err, "%s: out of memory", place);
	made->progress =
	        (struct mlw_progress){ options->progress, options->progress_context };
	if (open_place(made, place, options, err) || open_sqlite(made, err)) {
		mlw_inquiry_close(made);
		return -1;
	}
	*inquiry = made;
	return 0;
}

void mlw_inquiry_close(struct mlw_inquiry *inquiry)
{
	if (!inquiry)
		return;
	sqlite3_close(inquiry->sqlite);
	mlw_views_release(inquiry->views);
	mlw_place_release(&inquiry->place);
	free(inquiry->names);
	free(inquiry->values);
	free(inquiry);
}

/* Room for the columns of one statement. */
static int make_room(struct mlw_inquiry *inquiry, size_t count, struct mlw_error *err)
{
	free(inquiry->names);
	free(inquiry->values);
	inquiry->names = calloc(count, sizeof(*inquiry->names));
	inquiry->values = calloc(count, sizeof(*inquiry->values));
	return inquiry->names && inquiry->values ? 0 : mlw_fail(err, "out of memory");
}

static struct mlw_value value_of(sqlite3_stmt *statement, int column)
{
	struct mlw_value value = { .kind = MLW_VALUE_NULL };

	switch (sqlite3_column_type(statement, column)) {
	case SQLITE_INTEGER:
		value.kind = MLW_VALUE_INTEGER;
		value.integer = sqlite3_column_int64(statement, column);
		break;
	case SQLITE_FLOAT:
		value.kind = MLW_VALUE_REAL;
		value.real = sqlite3_column_double(statement, column);
		break;
	case SQLITE_TEXT:
		value.kind = MLW_VALUE_TEXT;
		value.bytes = (const char *)sqlite3_column_text(statement, column);
		value.size = (size_t)sqlite3_column_bytes(statement, column);
		break;
	case SQLITE_BLOB:
		value.kind = MLW_VALUE_BLOB;
		value.bytes = sqlite3_column_blob(statement, column);
		value.size = (size_t)sqlite3_column_bytes(statement, column);
		break;
	}
	return value;
}

/* `code`: what the step said that has been made. */
static int give_rows(struct mlw_inquiry *inquiry, sqlite3_stmt *statement, int code,
                     const struct mlw_sink *sink, struct mlw_error *err)
{
	size_t count = (size_t)sqlite3_column_count(statement);

	for (; code == SQLITE_ROW; code = sqlite3_step(statement)) {
		for (size_t i = 0; i < count; i++)
			inquiry->values[i] = value_of(statement, (int)i);
		if (sink->row(sink->context, inquiry->values, count, err))
			return -1;
	}
	return code == SQLITE_DONE ? 0 : fail(inquiry, err);
}

/* Does anything but space, comments and semicolons stand there? */
static bool is_empty(struct mlw_inquiry *inquiry, const char *text)
{
	sqlite3_stmt *statement = NULL;
	bool found = false;

	while (*text && !found) {
		const char *rest = text;

		found = sqlite3_prepare_v2(inquiry->sqlite, text, -1, &statement,
		                           &rest) != SQLITE_OK ||
		        statement;
		sqlite3_finalize(statement);
		text = rest;
	}
	*inquiry->refusal = '\0'; /* of the other statement */
	return !found;
}

static int run_statement(struct mlw_inquiry *inquiry, sqlite3_stmt *statement,
                         const char *rest, const struct mlw_sink *sink,
                         struct mlw_error *err)
{
	size_t count = (size_t)sqlite3_column_count(statement);
	int code = sqlite3_step(statement);

	if (code != SQLITE_ROW && code != SQLITE_DONE)
		return fail(inquiry, err);
	if (!count)
		return 0;
	if (make_room(inquiry, count, err))
		return -1;
	for (size_t i = 0; i < count; i++)
		inquiry->names[i] = sqlite3_column_name(statement, (int)i);
	if (sink->begin(sink->context, inquiry->names, count, is_empty(inquiry, rest),
	                err) ||
	    give_rows(inquiry, statement, code, sink, err))
		return -1;
	return sink->end(sink->context, err);
}

int mlw_inquiry_run(struct mlw_inquiry *inquiry, const char *text,
                    const struct mlw_sink *sink, struct mlw_error *err)
{
	int result = 0;

	while (*text && !result) {
		sqlite3_stmt *statement = NULL;

		*inquiry->refusal = '\0';
		if (sqlite3_prepare_v2(inquiry->sqlite, text, -1, &statement, &text) !=
		    SQLITE_OK)
			return fail(inquiry, err);
		if (statement)
			result = run_statement(inquiry, statement, text, sink, err);
		mlw_progress_report(&inquiry->progress, 1, 1);
		sqlite3_finalize(statement);
	}
	return result;
}

bool mlw_inquiry_is_whole(const char *text)
{
	return sqlite3_complete(text);
}

bool mlw_inquiry_cut(const struct mlw_inquiry *inquiry)
{
	return mlw_views_cut(inquiry->views) && mlw_views_chunks_read(inquiry->views);
}

const char *mlw_inquiry_file(const struct mlw_inquiry *inquiry)
{
	return inquiry->place.file;
}

uint64_t mlw_inquiry_sample(const struct mlw_inquiry *inquiry)
{
	return mlw_views_sample(inquiry->views);
}

bool mlw_inquiry_closed(const struct mlw_inquiry *inquiry)
{
	return mlw_views_closed(inquiry->views);
}

bool mlw_inquiry_complete(const struct mlw_inquiry *inquiry)
{
	return mlw_views_complete(inquiry->views);
}
