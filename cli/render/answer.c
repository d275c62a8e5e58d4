/* SPDX-License-Identifier: MIT */
#include "render/answer.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"

/* The shortest text that reads back as the same number, and looks like no integer. */
static void write_real(struct mlw_strbuf *text, double value)
{
	char digits[40];

	int precision = 14;

	do
		snprintf(digits, sizeof(digits), "%.*g", ++precision, value);
	while (precision < 17 && strtod(digits, NULL) != value);
	mlw_strbuf_puts(text, digits);
	if (isfinite(value) && !strpbrk(digits, ".e"))
		mlw_strbuf_puts(text, ".0");
}

char *mlw_value_text(const struct mlw_value *value)
{
	struct mlw_strbuf text = MLW_STRBUF_INIT;

	switch (value->kind) {
	case MLW_VALUE_NULL:
		break;
	case MLW_VALUE_INTEGER:
		mlw_strbuf_printf(&text, "%" PRId64, value->integer);
		break;
	case MLW_VALUE_REAL:
		write_real(&text, value->real);
		break;
	case MLW_VALUE_TEXT:
		mlw_strbuf_puts(&text, value->bytes);
		break;
	case MLW_VALUE_BLOB:
		for (size_t i = 0; i < value->size; i++)
			mlw_strbuf_printf(&text, "%02x", (unsigned char)value->bytes[i]);
		break;
	}
	return mlw_strbuf_detach(&text);
}

void mlw_answer_release(struct mlw_answer *answer)
{
	mlw_table_release(&answer->table);
}

static int only_one(bool is_last, const char *format, struct mlw_error *err)
{
	if (is_last)
		return 0;
	return mlw_fail(err, "--%s has room for one answer, but more statements follow",
	                format);
}

static int begin_json(void *context, const char *const *names, size_t count, bool is_last,
                      struct mlw_error *err)
{
	struct mlw_answer *answer = context;

	if (only_one(is_last, "json", err))
		return -1;
	answer->count++;
	mlw_json_begin_answer(&answer->json, answer->out);
	mlw_json_strings(&answer->json, "columns", names, count);
	mlw_json_begin_array(&answer->json, "rows");
	return 0;
}

static int put_json(struct mlw_json *json, const struct mlw_value *value,
                    struct mlw_error *err)
{
	char *text;

	if (value->kind == MLW_VALUE_NULL ||
	    (value->kind == MLW_VALUE_REAL && !isfinite(value->real))) {
		mlw_json_null(json, NULL);
		return 0;
	}
	text = mlw_value_text(value);
	if (!text)
		return mlw_fail(err, "out of memory");
	if (value->kind == MLW_VALUE_INTEGER || value->kind == MLW_VALUE_REAL)
		mlw_json_number(json, NULL, text);
	else
		mlw_json_string(json, NULL, text);
	free(text);
	return 0;
}

static int row_json(void *context, const struct mlw_value *values, size_t count,
                    struct mlw_error *err)
{
	struct mlw_answer *answer = context;

	mlw_json_begin_array(&answer->json, NULL);
	for (size_t i = 0; i < count; i++)
		if (put_json(&answer->json, &values[i], err))
			return -1;
	mlw_json_end_array(&answer->json);
	return 0;
}

static int end_json(void *context, struct mlw_error *err)
{
	struct mlw_answer *answer = context;

	(void)err;
	mlw_json_end_array(&answer->json);
	mlw_json_end_answer(&answer->json);
	return 0;
}

struct mlw_sink mlw_answer_json(struct mlw_answer *answer, FILE *out)
{
	*answer = (struct mlw_answer){ .out = out };
	return (struct mlw_sink){ answer, begin_json, row_json, end_json };
}

static int begin_csv(void *context, const char *const *names, size_t count, bool is_last,
                     struct mlw_error *err)
{
	struct mlw_answer *answer = context;

	if (only_one(is_last, "csv", err))
		return -1;
	answer->count++;
	for (size_t i = 0; i < count; i++)
		mlw_csv_text(&answer->csv, names[i]);
	mlw_csv_end_line(&answer->csv);
	return 0;
}

static int row_csv(void *context, const struct mlw_value *values, size_t count,
                   struct mlw_error *err)
{
	struct mlw_answer *answer = context;

	for (size_t i = 0; i < count; i++) {
		char *text = mlw_value_text(&values[i]);

		if (!text)
			return mlw_fail(err, "out of memory");
		mlw_csv_text(&answer->csv, text);
		free(text);
	}
	mlw_csv_end_line(&answer->csv);
	return 0;
}

static int end_csv(void *context, struct mlw_error *err)
{
	(void)context;
	(void)err;
	return 0;
}

struct mlw_sink mlw_answer_csv(struct mlw_answer *answer, FILE *out)
{
	*answer = (struct mlw_answer){ .out = out };
	mlw_csv_init(&answer->csv, out);
	return (struct mlw_sink){ answer, begin_csv, row_csv, end_csv };
}
