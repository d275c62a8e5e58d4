/* SPDX-License-Identifier: MIT */
/*
 * shelf: one program in two builds, build_1/shelf.c and build_2/shelf.c. Between them
 * book_new has moved 40 lines, and forgets one block a book more.
 *
 * Live at the end in both: 12 books of 16 bytes and their titles, from book_new; 2
 * shelves of 24 bytes, from shelf_new. In the second also 12 notes of 77 bytes.
 *
 *	mallow run -o 1.mallow build_1/shelf
 *	mallow run -o 2.mallow build_2/shelf
 *	mallow diff 1.mallow 2.mallow
 */
#include <stdlib.h>
#include <string.h>

struct book {
	char *title;
	struct book *next;
};

struct shelf {
	struct book *books;
	struct shelf *next;
	size_t count;
};

static struct shelf *shelves;

/*
 * Forty lines between one build and the next: a function and what is said of it.
 *
 * Titles are compared as libraries do: an article at the beginning counts for nothing,
 * neither do upper and lower case.
 *
 * Nothing of it allocates.
 */
static const char *skip_article(const char *title)
{
	static const char *const articles[] = { "A ", "An ", "The " };

	for (size_t i = 0; i < sizeof(articles) / sizeof(*articles); i++) {
		size_t length = strlen(articles[i]);

		if (!strncasecmp(title, articles[i], length))
			return title + length;
	}
	return title;
}

static int compare_titles(const char *a, const char *b)
{
	a = skip_article(a);
	b = skip_article(b);
	while (*a && *b && strncasecmp(a, b, 1) == 0) {
		a++;
		b++;
	}
	return *a - *b;
}

static int is_sorted(const struct book *book)
{
	return !book->next || compare_titles(book->title, book->next->title) <= 0;
}

/* Every book has a note, which nobody frees. */
static char *last_note;

static __attribute__((noinline)) struct book *book_new(const char *title)
{
	struct book *book = malloc(sizeof(*book));
	char *note = malloc(77);
	char *copy = malloc(strlen(title) + 1);

	if (!book || !note || !copy)
		abort();
	last_note = note;
	book->title = strcpy(copy, title);
	return book;
}

static __attribute__((noinline)) void shelf_new(void)
{
	struct shelf *shelf = calloc(1, sizeof(*shelf));

	if (!shelf)
		abort();
	shelf->next = shelves;
	shelves = shelf;
}

static __attribute__((noinline)) void shelf_put(const char *title)
{
	struct book *book = book_new(title);

	book->next = shelves->books;
	shelves->books = book;
	shelves->count += (size_t)is_sorted(book);
}

int main(void)
{
	for (int i = 0; i < 2; i++) {
		shelf_new();
		for (int j = 0; j < 5; j++)
			shelf_put("A book about memory");
		shelf_put("Another one");
	}
	return 0;
}
