/* SPDX-License-Identifier: MIT */

/*
 * An answer for people: a table whose columns line up. The first rows decide how wide it
 * is; later ones only make it wider. A single row that is too wide for the screen stands
 * upright, a line for each of its columns.
 */

#include <stdlib.h>
#include <string.h>

#include "render/answer.h"

#define ROWS_AT_ONCE 1000u

static int begin(void *context, const char *const *names, size_t count, bool is_last,
                 struct mlw_error *err)
{
	struct mlw_answer *answer = context;

	(void)is_last;
	if (count > MLW_TABLE_COLUMNS)
		return mlw_fail(err,
		                "%zu columns are too many for a table (--csv, --json)",
		                count);
	mlw_table_release(&answer->table);
	answer->table.columns = count;
	answer->numeric = UINT64_MAX;
	answer->has_head = false;
	if (answer->count++)
		fputc('\n', answer->out);
	for (size_t i = 0; i < count; i++)
		mlw_table_add(&answer->table, names[i]);
	return 0;
}

/* Rows from `row` on. */
static void write_rows(struct mlw_answer *answer, size_t row)
{
	for (; row < mlw_table_rows(&answer->table); row++) {
		mlw_table_row(&answer->table, row, answer->out);
		fputc('\n', answer->out);
	}
	mlw_table_clear(&answer->table);
}

static void write_batch(struct mlw_answer *answer)
{
	size_t row = 0;

	if (!answer->has_head) {
		answer->table.right = answer->numeric;
		fputs(mlw_style_bold(&answer->style), answer->out);
		mlw_table_row(&answer->table, row++, answer->out);
		fprintf(answer->out, "%s\n", mlw_style_plain(&answer->style));
		answer->has_head = true;
	}
	write_rows(answer, row);
}

static int row(void *context, const struct mlw_value *values, size_t count,
               struct mlw_error *err)
{
	struct mlw_answer *answer = context;

	for (size_t i = 0; i < count; i++) {
		bool is_null = values[i].kind == MLW_VALUE_NULL;
		char *text = is_null ? strdup("-") : mlw_value_text(&values[i]);

		if (!text)
			return mlw_fail(err, "out of memory");
		if (values[i].kind == MLW_VALUE_TEXT || values[i].kind == MLW_VALUE_BLOB)
			answer->numeric &= ~(UINT64_C(1) << i);
		mlw_table_add(&answer->table, text);
		free(text);
	}
	if (mlw_table_rows(&answer->table) > ROWS_AT_ONCE)
		write_batch(answer);
	return mlw_table_failed(&answer->table) ? mlw_fail(err, "out of memory") : 0;
}

static int write_upright(struct mlw_answer *answer, struct mlw_error *err)
{
	struct mlw_table upright = { .columns = 2 };
	size_t count = answer->table.columns;
	bool failed;

	for (size_t i = 0; i < count; i++) {
		mlw_table_add(&upright, answer->table.cells[i]);
		mlw_table_add(&upright, answer->table.cells[count + i]);
	}
	failed = mlw_table_failed(&upright);
	for (size_t i = 0; i < mlw_table_rows(&upright) && !failed; i++) {
		mlw_table_row(&upright, i, answer->out);
		fputc('\n', answer->out);
	}
	mlw_table_release(&upright);
	return failed ? mlw_fail(err, "out of memory") : 0;
}

static int end(void *context, struct mlw_error *err)
{
	struct mlw_answer *answer = context;
	int result = 0;

	if (mlw_table_failed(&answer->table))
		return mlw_fail(err, "out of memory");
	if (!answer->has_head && mlw_table_rows(&answer->table) == 2 &&
	    mlw_table_width(&answer->table) > answer->style.width)
		result = write_upright(answer, err);
	else
		write_batch(answer);
	mlw_table_release(&answer->table);
	return result;
}

struct mlw_sink mlw_answer_text(struct mlw_answer *answer, const struct mlw_style *style,
                                FILE *out)
{
	*answer = (struct mlw_answer){ .out = out, .style = *style };
	return (struct mlw_sink){ answer, begin, row, end };
}
