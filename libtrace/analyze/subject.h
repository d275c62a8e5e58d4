/* SPDX-License-Identifier: MIT */
#ifndef MLW_SUBJECT_H
#define MLW_SUBJECT_H

/*
 * What a query is about: the recording, the moment in it, and what each trace that the
 * filter lets through held then.
 *
 *	mlw_subject_open(&subject, &query, err);
 *	mlw_subject_each(&subject, visit, context, err);
 *	mlw_subject_close(&subject);
 */

#include "analyze/filter.h"
#include "analyze/holdings.h"
#include "analyze/place.h"

struct mlw_subject {
	struct mlw_place place;
	struct mlw_recording *recording;
	bool shared; /* the recording is another's to close */
	struct mlw_holdings holdings;
	struct mlw_filter filter;
	const char *domain; /* that is looked at; "all" for all */
	bool whole; /* holdings that are nothing are visited too */
};

/* `query` is borrowed until the close. Close it after a failure too. */
int mlw_subject_open(struct mlw_subject *subject, const struct mlw_query *query,
                     struct mlw_error *err);
void mlw_subject_close(struct mlw_subject *subject); /* zeroed is fine */

/* The same of a recording that is open already, and stays open as long as this. */
int mlw_subject_open_beside(struct mlw_subject *subject, const struct mlw_query *query,
                            struct mlw_recording *recording, struct mlw_error *err);

/* Says of an answer what was asked, and of what. */
void mlw_query_describe(const struct mlw_query *query, struct mallow_about *about);
void mlw_subject_describe(const struct mlw_subject *subject,
                          const struct mlw_query *query, struct mallow_about *about);

/* Which domain an answer is about. */
const char *mlw_query_domain(const struct mlw_query *query);

/* Calls `visit` with each holding that is something and passes the filter, until it
 * returns -1. */
int mlw_subject_each(struct mlw_subject *subject,
                     int (*visit)(void *context, const struct mlw_holding *holding,
                                  struct mlw_error *err),
                     void *context, struct mlw_error *err);

#endif /* MLW_SUBJECT_H */
