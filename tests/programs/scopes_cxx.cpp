/* SPDX-License-Identifier: MIT */
/*
 * Scopes of C++: 10 bytes in "object", 20 in "macro", 40 in "outer" after an exception
 * has left both.
 */
#include <cstdlib>
#include <mallow/mallow.h>
#include <stdexcept>

static void *volatile kept;

static void inner(int depth)
{
	mallow::scope object("object");

	kept = std::malloc(10);
	{
		MALLOW_SCOPE("macro");
		MALLOW_SCOPE("macro");

		kept = std::malloc(20);
		if (depth)
			throw std::runtime_error("left");
	}
}

int main()
{
	MALLOW_SCOPE("outer");

	try {
		inner(1);
	} catch (const std::exception &) {
		kept = std::malloc(40);
	}
	return 0;
}
