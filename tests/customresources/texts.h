// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/value.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace keelson::customresources {

inline api::Value yaml(std::string_view text)
{
    auto value = api::parseYaml(text);
    EXPECT_TRUE(value) << value.error().message << "\n" << text;
    return value ? *std::move(value) : api::Value{};
}

inline std::string textOf(const std::vector<Cause>& causes)
{
    std::string text;
    for (const auto& cause : causes)
        text += fmt::format("{}{}: {}", text.empty() ? "" : "\n", cause.field, cause.message);
    return text;
}

} // namespace keelson::customresources
