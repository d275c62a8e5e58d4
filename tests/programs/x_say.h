/* SPDX-License-Identifier: MIT */
#ifndef X_SAY_H
#define X_SAY_H

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

/* dprintf without its buffer, which glibc before 2.37 takes from malloc. */
static inline __attribute__((format(printf, 2, 3))) void x_say(int fd, const char *format,
                                                               ...)
{
	char text[512];
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	if (length > (int)sizeof(text) - 1)
		length = (int)sizeof(text) - 1;
	if (write(fd, text, (size_t)length) != length)
		_exit(120);
}

#endif /* X_SAY_H */
