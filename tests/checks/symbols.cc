// SPDX-License-Identifier: MIT
// Something of each kind that a C++ compiler names and inlines: templates, virtual and
// static functions, an anonymous namespace, lambdas, exceptions. For symbols.sh.
#include <algorithm>
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>
#include <unordered_map>
#include <vector>

namespace shape
{
template <class T> struct point {
	T x, y;
};

struct base {
	virtual ~base() = default;
	virtual double area() const = 0;
};

template <class T> struct box : base {
	point<T> a, b;

	box(point<T> p, point<T> q) : a(p), b(q)
	{
	}
	double area() const override
	{
		return double(b.x - a.x) * double(b.y - a.y);
	}
};

static int fibonacci(int n)
{
	return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2);
}
} // namespace shape

namespace
{
struct hidden {
	std::string text;

	hidden(const char *from) : text(from)
	{
	}
	bool operator<(const hidden &other) const
	{
		return text < other.text;
	}
};
} // namespace

int main(int argc, char **argv)
{
	std::vector<std::unique_ptr<shape::base>> boxes;
	std::map<std::string, std::vector<int>> groups;
	std::unordered_map<int, std::string> names;
	std::vector<hidden> arguments;
	std::ostringstream text;

	for (int i = 0; i < 100 * argc; i++) {
		boxes.push_back(std::make_unique<shape::box<int>>(
			shape::point<int>{ i, i }, shape::point<int>{ 2 * i, 3 * i }));
		groups[std::to_string(i % 7)].push_back(i);
		names[i] = argv[0];
	}
	std::sort(boxes.begin(), boxes.end(),
	          [](auto &a, auto &b) { return a->area() > b->area(); });
	for (int i = 0; i < argc; i++)
		arguments.emplace_back(argv[i]);
	std::sort(arguments.begin(), arguments.end());
	std::function<int(int)> number = [&](int x) {
		return shape::fibonacci(x % 20) + int(groups.size());
	};
	for (auto &group : groups) {
		std::stable_sort(group.second.begin(), group.second.end(),
		                 std::greater<>());
		text << group.first << group.second.size() << number(group.second[0]);
	}
	try {
		if (argc > 5)
			throw std::runtime_error(text.str());
	} catch (std::exception &error) {
		std::cerr << error.what();
	}
	std::cout << text.str() << arguments[0].text << boxes[0]->area() << '\n';
}
