/* SPDX-License-Identifier: MIT */
#include "render/short_name.h"

#include <criterion/criterion.h>

static void expect_short(const char *name, const char *expected)
{
	struct mlw_strbuf text = MLW_STRBUF_INIT;

	mlw_short_name(&text, name);
	cr_expect_str_eq(text.text, expected);
	mlw_strbuf_release(&text);
}

Test(short_name, names_of_c_stay)
{
	expect_short("parse_value", "parse_value");
	expect_short("", "");
}

Test(short_name, template_arguments_and_parameters_go)
{
	expect_short("ns::Map<int, std::less<int> >::put(int const&, void (*)(int))",
	             "ns::Map<...>::put(...)");
	expect_short("f() const", "f() const");
}

Test(short_name, operators_keep_their_signs)
{
	expect_short("operator<<(std::ostream&, X const&)", "operator<<(...)");
	expect_short("X<int>::operator()(int) const", "X<...>::operator()(...) const");
	expect_short("P<int>::operator->() const", "P<...>::operator->() const");
	expect_short("operator new(unsigned long)", "operator new(...)");
}

Test(short_name, what_has_no_name_keeps_its_place)
{
	expect_short("(anonymous namespace)::f(int)", "(anonymous namespace)::f(...)");
	expect_short("<alloc::vec::Vec<T> as Clone>::clone",
	             "<alloc::vec::Vec<...> as Clone>::clone");
}

Test(short_name, brackets_that_never_close_end_the_name)
{
	expect_short("f<int", "f<...>");
	expect_short("f->", "f->");
}
