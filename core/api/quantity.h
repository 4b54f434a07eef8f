// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.h"

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace keelson::api {

/// An amount of a resource: "500m", "1Gi", "1e3" (Kubernetes' resource.Quantity). Exact within 128 bits of nano units;
/// what is finer than a nano unit rounds up, what is larger saturates. Keeps its suffix family for output.
class Quantity {
public:
    enum class Format { DecimalSI, BinarySI, DecimalExponent };

    Quantity() = default;
    /// `Invalid` with Kubernetes' words when the text is no quantity.
    static Result<Quantity> parse(std::string_view text);
    static Quantity fromUnits(std::int64_t units, Format format = Format::DecimalSI);
    static Quantity fromMilli(std::int64_t milli);

    /// Rounded up, saturated.
    std::int64_t units() const;
    std::int64_t milli() const;
    bool isZero() const { return m_nano == 0; }
    bool isNegative() const { return m_nano < 0; }
    /// The canonical text: "1500m", "1Gi", no fraction, the largest suffix that keeps the value exact.
    std::string text() const;

    Quantity operator+(const Quantity& other) const;
    Quantity operator-(const Quantity& other) const;
    bool operator==(const Quantity& other) const { return m_nano == other.m_nano; }
    std::strong_ordering operator<=>(const Quantity& other) const { return m_nano <=> other.m_nano; }

private:
    __int128 m_nano = 0;
    Format m_format = Format::DecimalSI;
};

} // namespace keelson::api
