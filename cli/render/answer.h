/* SPDX-License-Identifier: MIT */
#ifndef MLW_ANSWER_H
#define MLW_ANSWER_H

/*
 * What SQL answers, as bytes: rows are written as they come, however many there are.
 *
 *	struct mlw_answer answer;
 *	struct mlw_sink sink = mlw_answer_json(&answer, stdout);
 *
 *	mlw_inquiry_run(inquiry, text, &sink, err);
 *	mlw_answer_release(&answer);
 *
 * JSON and CSV are of one statement: rows that another statement follows fail. As text,
 * an empty line stands between the answers.
 */

#include "render/csv.h"
#include "render/json.h"
#include "render/style.h"
#include "render/table.h"
#include "views/inquiry.h"

struct mlw_answer {
	FILE *out; /* borrowed */
	struct mlw_style style;
	struct mlw_table table; /* text: the rows that are not written yet */
	struct mlw_json json;
	struct mlw_csv csv;
	uint64_t numeric; /* text: bit i: column i had nothing but numbers so far */
	bool has_head; /* text: it was written */
	size_t count; /* answers so far */
};

struct mlw_sink mlw_answer_text(struct mlw_answer *answer, const struct mlw_style *style,
                                FILE *out);
struct mlw_sink mlw_answer_json(struct mlw_answer *answer, FILE *out);
struct mlw_sink mlw_answer_csv(struct mlw_answer *answer, FILE *out);
/* In any case, and after a failure before the next answer: drops what is not written. */
void mlw_answer_release(struct mlw_answer *answer);

/* A value as text: "" for NULL, the digits of a blob. The caller frees it; NULL without
 * memory. */
char *mlw_value_text(const struct mlw_value *value);

#endif /* MLW_ANSWER_H */
