// SPDX-License-Identifier: Apache-2.0
#include "cel/program.h"
#include "fuzz/fuzzing.h"

#include <array>

// Input: an expression in CEL. What compiles is evaluated, within a budget.

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace keelson;
    static const cel::Type whole{};
    static const api::Value document = *api::parseJson(
        R"({"name":"web","replicas":3,"share":0.5,"on":true,"list":["a","b","c"],"map":{"k":"v","n":1},"none":null})");
    const auto program = cel::Program::compile(fuzz::textOf(data, size), {{"self", &whole}});
    if (!program)
        return 0;
    constexpr std::int64_t steps = 100'000;
    cel::Budget budget(steps);
    const std::array values{cel::Value::of(document, whole)};
    const auto result = program->evaluate(values, budget);
    if (result)
        (void)cel::textOf(*result);
    else
        fuzz::check(!result.error().message.empty());
    return 0;
}
