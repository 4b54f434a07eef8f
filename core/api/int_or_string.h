// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

namespace keelson::api {

/// A number or a text: a port by number or by name, an amount or a percentage (Kubernetes' intstr.IntOrString).
struct IntOrString {
    bool isString = false;
    std::int32_t number = 0; ///< When it is no string.
    std::string text;        ///< When it is one.

    static IntOrString of(std::int32_t number) { return {.isString = false, .number = number, .text = {}}; }
    static IntOrString of(std::string text) { return {.isString = true, .number = 0, .text = std::move(text)}; }
    bool operator==(const IntOrString&) const = default;
};

} // namespace keelson::api
