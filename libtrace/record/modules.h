/* SPDX-License-Identifier: MIT */
#ifndef MLW_MODULES_H
#define MLW_MODULES_H

/*
 * Announcing modules to the collector (wire/segment.h, struct mlw_module_slot).
 *
 * The generation counts changes of the set of loaded modules. Whoever computes a rule
 * for a pc (a rule-cache miss) announces the pc's object first; rule caches are empty at
 * the start of each generation, so every module that a stack names has been announced in
 * that generation.
 */

#include <stdatomic.h>
#include <stdint.h>

#include "record/hidden.h"
#include "record/objects.h"

extern MLW_HIDDEN _Atomic uint32_t mlw_generation;

/* Announces the object unless it was announced in this generation already. */
void mlw_module_announce(const struct mlw_object *object);

#endif /* MLW_MODULES_H */
