/* SPDX-License-Identifier: MIT */
#ifndef MLW_ACCOUNT_H
#define MLW_ACCOUNT_H

/* What a run amounts to so far: the file's row of it, and what the user is told. */

#include <limits.h>

#include "collect/decode.h"
#include "collect/household.h"
#include "collect/note.h"
#include "collect/order.h"

/* All borrowed. */
struct mlw_account {
	const char *command; /* JSON */
	int64_t started_at_ns; /* CLOCK_REALTIME */
	const struct mlw_run *run;
	const struct mlw_decoder *decoder;
	const struct mlw_order *order;
	const struct mlw_household *household;
};

/* The strings of the row live as long as this. */
struct mlw_account_text {
	char directory[PATH_MAX];
	char options[256];
};

void mlw_account_row(const struct mlw_account *account, struct mlw_run_row *row,
                     struct mlw_account_text *text);

/* `surviving`: processes that still run. */
void mlw_account_summary(const struct mlw_account *account, size_t surviving,
                         struct mlw_summary *summary);

#endif /* MLW_ACCOUNT_H */
