// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/error.h"

#include <expected>
#include <utility>

namespace keelson {

/// A value, or the reason why there is none. Exceptions stop at the edge of the library that throws them.
template <typename T>
using Result = std::expected<T, Error>;

/// Success without a value: `return Done{};`
struct Done {
    bool operator==(const Done&) const = default;
};

/// `return fail(Reason::NotFound, "pods \"web\" not found");`
inline std::unexpected<Error> fail(Reason reason, std::string message)
{
    return std::unexpected(makeError(reason, std::move(message)));
}

inline std::unexpected<Error> fail(Error error)
{
    return std::unexpected(std::move(error));
}

} // namespace keelson

#define KEELSON_CONCAT_(a, b) a##b
#define KEELSON_CONCAT(a, b) KEELSON_CONCAT_(a, b)

/// Ends the function with the error of `expression`, when there is one.
#define TRY_OK(expression)                                     \
    do {                                                       \
        if (auto tried_ = (expression); !tried_)               \
            return std::unexpected(std::move(tried_).error()); \
    } while (false)

/// `TRY_ASSIGN(const auto pod, client.get(key));` declares `pod`, or ends the function with the error.
#define TRY_ASSIGN(declaration, expression)                                          \
    auto KEELSON_CONCAT(tried_, __LINE__) = (expression);                            \
    if (!KEELSON_CONCAT(tried_, __LINE__))                                           \
        return std::unexpected(std::move(KEELSON_CONCAT(tried_, __LINE__)).error()); \
    declaration = *std::move(KEELSON_CONCAT(tried_, __LINE__))
