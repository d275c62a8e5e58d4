/* SPDX-License-Identifier: MIT */
/*
 * cxx_new: operator new and delete in all their forms.
 *
 * Plain, array, nothrow, aligned to 64, sized, and with a constructor that throws (whose
 * memory the compiler gives back): each is one allocation and one free. The standard
 * library's own emergency pool for exceptions (72704 bytes) shows beside them.
 *
 *	mallow run -o new.mallow cxx_new
 *	mallow top --by function --sort allocated new.mallow
 */
#include <new>

template <int Align> struct alignas(Align) thing {
	char bytes[192];
};

struct thrower {
	char bytes[500];

	[[gnu::noinline]] thrower()
	{
		throw 1;
	}
};

template <typename Pointer> [[gnu::noinline]] static Pointer keep(Pointer pointer)
{
	__asm__ volatile("" : : "r"(pointer) : "memory");
	return pointer;
}

template <int Align> [[gnu::noinline]] static void all_forms()
{
	delete keep(new thing<Align>);
	delete[] keep(new thing<Align>[3]);
	delete keep(new (std::nothrow) thing<Align>);
	delete[] keep(new (std::nothrow) thing<Align>[5]);
}

[[gnu::noinline]] static void by_hand()
{
	::operator delete(keep(::operator new(300)));
	::operator delete(keep(::operator new(310)), 310);
	::operator delete[](keep(::operator new[](320)), 320);
	::operator delete(keep(::operator new(384, std::align_val_t(128))), 384,
	                  std::align_val_t(128));
}

int main()
{
	all_forms<8>();
	all_forms<64>();
	by_hand();
	try {
		keep(new thrower);
	} catch (int) {
		return 0;
	}
	return 1;
}
