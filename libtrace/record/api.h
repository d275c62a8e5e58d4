/* SPDX-License-Identifier: MIT */
#ifndef MLW_RECORD_API_H
#define MLW_RECORD_API_H

/* What the files of the C API share (api.c). `frame`: of the function that the program
 * has called. */

#include <stdbool.h>
#include <stdint.h>

#include "record/session.h"

/* The session, or NULL when off. A thread that has done nothing yet joins the recording
 * by asking. */
const struct mlw_session *mlw_api_session(const uintptr_t *frame);

/* In a handler that has interrupted a hook: what that was about to say is not there yet,
 * so that there is no moment to speak of. */
bool mlw_api_inside_hook(const uintptr_t *frame);

#endif /* MLW_RECORD_API_H */
