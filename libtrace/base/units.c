/* SPDX-License-Identifier: MIT */
#include "base/units.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <strings.h>

struct unit {
	const char *name;
	uint64_t factor;
};

static const struct unit size_units[] = {
	{ "", 1 },
	{ "B", 1 },
	{ "K", UINT64_C(1) << 10 },
	{ "KiB", UINT64_C(1) << 10 },
	{ "M", UINT64_C(1) << 20 },
	{ "MiB", UINT64_C(1) << 20 },
	{ "G", UINT64_C(1) << 30 },
	{ "GiB", UINT64_C(1) << 30 },
	{ "T", UINT64_C(1) << 40 },
	{ "TiB", UINT64_C(1) << 40 },
};

static const struct unit duration_units[] = {
	{ "ns", 1 },
	{ "us", 1000 },
	{ "ms", 1000000 },
	{ "s", 1000000000 },
};

static void write_size(double value, const char *sign, char *text)
{
	static const char *const names[] = { "B", "KiB", "MiB", "GiB", "TiB" };
	size_t unit = 0;

	while (value >= 10 * 1024 && unit < 4) {
		value /= 1024;
		unit++;
	}
	snprintf(text, MLW_UNIT_TEXT, "%s%.*f %s", sign, unit && value < 100 ? 1 : 0,
	         value, names[unit]);
}

const char *mlw_size_text(uint64_t size, char *text)
{
	write_size((double)size, "", text);
	return text;
}

const char *mlw_size_change_text(int64_t change, char *text)
{
	uint64_t size = change < 0 ? 0 - (uint64_t)change : (uint64_t)change;

	write_size((double)size, change < 0 ? "-" : "+", text);
	return text;
}

const char *mlw_average_text(uint64_t size, uint64_t count, char *text)
{
	write_size((double)size / (double)count, "", text);
	return text;
}

const char *mlw_duration_text(uint64_t ns, char *text)
{
	static const char *const names[] = { "ns", "us", "ms", "s" };
	double value = (double)ns;
	size_t unit = 0;

	while (value >= 1000 && unit < 3) {
		value /= 1000;
		unit++;
	}
	snprintf(text, MLW_UNIT_TEXT, "%.*f %s", unit && value < 100 ? 1 : 0, value,
	         names[unit]);
	return text;
}

/* A decimal number: `whole` and, after a point, digits / scale. */
struct decimal {
	uint64_t whole;
	uint64_t digits;
	uint64_t scale;
};

/* Reads digits into `value`; digits of the fraction that do not fit are cut off. */
static bool parse_digits(const char **text, uint64_t *value, uint64_t *scale)
{
	const char *start = *text;

	for (; isdigit((unsigned char)**text); (*text)++) {
		uint64_t digit = (uint64_t)(**text - '0');

		if (scale && *scale >= 1000000)
			continue;
		if (__builtin_mul_overflow(*value, 10, value) ||
		    __builtin_add_overflow(*value, digit, value))
			return false;
		if (scale)
			*scale *= 10;
	}
	return *text != start;
}

static bool parse_decimal(const char **text, struct decimal *number)
{
	*number = (struct decimal){ .scale = 1 };
	if (!parse_digits(text, &number->whole, NULL))
		return false;
	if (**text != '.')
		return true;
	(*text)++;
	return parse_digits(text, &number->digits, &number->scale);
}

static const struct unit *find_unit(const struct unit *units, size_t count,
                                    const char *name)
{
	for (size_t i = 0; i < count; i++) {
		if (!strcasecmp(units[i].name, name))
			return &units[i];
	}
	return NULL;
}

/* Six digits of fraction times the largest unit still fit into 64 bits. */
static bool multiply(const struct decimal *number, uint64_t factor, uint64_t *value)
{
	uint64_t fraction = number->digits * factor / number->scale;

	return !__builtin_mul_overflow(number->whole, factor, value) &&
	       !__builtin_add_overflow(*value, fraction, value);
}

int mlw_parse_size(const char *text, uint64_t *size, struct mlw_error *err)
{
	const char *at = text;
	const struct unit *unit;
	struct decimal number;

	if (!parse_decimal(&at, &number))
		return mlw_fail(err, "'%s' is not a size (write 512, 10KiB or 1.5MiB)",
		                text);
	at += *at == ' ';
	unit = find_unit(size_units, sizeof(size_units) / sizeof(*size_units), at);
	if (!unit)
		return mlw_fail(err, "'%s' has no unit of size (B, KiB, MiB, GiB or TiB)",
		                text);
	if (!multiply(&number, unit->factor, size))
		return mlw_fail(err, "'%s' is too large", text);
	return 0;
}

int mlw_parse_duration(const char *text, uint64_t *ns, struct mlw_error *err)
{
	const char *at = text;
	const struct unit *unit;
	struct decimal number;

	if (!parse_decimal(&at, &number))
		return mlw_fail(err, "'%s' is not a duration (write 1.5s or 200ms)",
		                text);
	*ns = 0;
	if (!*at && !number.whole && !number.digits)
		return 0;
	at += *at == ' ';
	unit = find_unit(duration_units, sizeof(duration_units) / sizeof(*duration_units),
	                 at);
	if (!unit)
		return mlw_fail(err, "'%s' has no unit of time (ns, us, ms or s)", text);
	if (!multiply(&number, unit->factor, ns))
		return mlw_fail(err, "'%s' is too long", text);
	return 0;
}
