/* SPDX-License-Identifier: MIT */
/*
 * x_new [none]: every form of operator new and delete, 10 times each, and a new that
 * fails. Prints what it did, beyond what "none" (the C++ runtime alone) does:
 * allocations, frees, bytes. Ends with the number of broken promises.
 */
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <memory>
#include <new>
#include <string>
#include <vector>

#include "x_say.h"

namespace
{

unsigned long allocations, frees, size;
int broken;
bool other;

struct alignas(64) wide {
	char bytes[128];
};

struct plain {
	char bytes[40];
};

struct with_destructor {
	char bytes[24];
	~with_destructor()
	{
		bytes[0] = 0;
	}
};

void count(unsigned long bytes)
{
	allocations++;
	frees++;
	size += bytes;
}

void must(bool holds, const char *what)
{
	if (holds)
		return;
	broken++;
	x_say(2, "x_new: broken: %s\n", what);
}

__attribute__((noipa)) void *keep(void *block)
{
	return block;
}

void forms()
{
	delete static_cast<plain *>(keep(new plain));
	count(40);
	delete[] static_cast<plain *>(keep(new plain[3]));
	count(120);
	delete static_cast<plain *>(keep(new (std::nothrow) plain));
	count(40);
	delete[] static_cast<plain *>(keep(new (std::nothrow) plain[2]));
	count(80);
	delete static_cast<with_destructor *>(keep(new with_destructor));
	count(24);
	delete[] static_cast<with_destructor *>(keep(new with_destructor[4]));
	count(4 * 24 + sizeof(size_t));
	operator delete(keep(operator new(55)));
	count(55);
	operator delete(keep(operator new(56)), static_cast<size_t>(56));
	count(56);
	operator delete[](keep(operator new[](57)), static_cast<size_t>(57));
	count(57);
	operator delete(keep(operator new(0)));
	count(other ? 0 : 1);
}

void aligned_forms()
{
	wide *one = static_cast<wide *>(keep(new wide));
	wide *more = static_cast<wide *>(keep(new wide[2]));
	std::align_val_t alignment{ 256 };

	must(reinterpret_cast<uintptr_t>(one) % 64 == 0, "new aligns");
	must(reinterpret_cast<uintptr_t>(more) % 64 == 0, "new[] aligns");
	delete one;
	count(128);
	delete[] more;
	count(256);
	operator delete(keep(operator new(512, alignment)), alignment);
	count(512);
	operator delete(keep(operator new(512, alignment)), static_cast<size_t>(512),
	                alignment);
	count(512);
	operator delete[](keep(operator new[](512, alignment, std::nothrow)), alignment);
	count(512);
}

void containers()
{
	std::vector<int> numbers;

	numbers.reserve(100);
	count(400);
	std::unique_ptr<plain> pointer(new plain);
	count(40);
	std::string text(100, 'x');
	count(101);
	must(keep(numbers.data()) && keep(pointer.get()) && keep(&text[0]), "containers");
}

void failures()
{
	volatile size_t huge = SIZE_MAX / 2 - 4096;
	bool thrown = false;

	try {
		keep(operator new(huge));
	} catch (const std::bad_alloc &) {
		thrown = true;
	}
	must(thrown, "a new that fails throws");
	/* The exception itself: 128 bytes of header, 8 of std::bad_alloc. */
	count(136);
	must(!operator new(huge, std::nothrow), "a nothrow new that fails gives NULL");
	if (!other)
		count(136);
}

} // namespace

int main(int argc, char **argv)
{
	if (argc > 1 && !std::strcmp(argv[1], "none"))
		return 0;
	other = argc > 1;
	for (int i = 0; i < 10; i++) {
		forms();
		aligned_forms();
		containers();
	}
	failures();
	x_say(1, "%lu %lu %lu\n", allocations, frees, size);
	return broken;
}
