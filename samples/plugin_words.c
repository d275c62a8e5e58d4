/* SPDX-License-Identifier: MIT */
/* plugin_words: what the sample `plugin` loads. Makes 20 words and frees them. */
#include <stdlib.h>
#include <string.h>

int words_make(void);

static __attribute__((noinline)) char *word_new(int number)
{
	char *word = malloc(50);

	if (!word)
		abort();
	memset(word, 'a' + number % 26, 49);
	word[49] = '\0';
	return word;
}

int words_make(void)
{
	char *words[20];

	for (int i = 0; i < 20; i++)
		words[i] = word_new(i);
	for (int i = 0; i < 20; i++)
		free(words[i]);
	return 20;
}
