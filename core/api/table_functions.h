// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/kind.h"
#include "base/clock.h"

#include <span>

namespace keelson::api {

/// Computes one cell. `column.jsonPath` may tell it where to look. Ages are computed against `now`.
using CellFunction = Value (*)(const Column& column, const Value& object, WallTime now);

/// The function that `columns:` of a kind names ("podReady"); null when there is none. Any thread.
CellFunction findCellFunction(std::string_view name);

/// The age of a time in RFC 3339; "<unknown>" when it is none or empty.
std::string ageText(std::string_view time, WallTime now);

struct NamedCell {
    std::string_view name;
    CellFunction function;
};
/// The functions in groups by what they are about.
std::span<const NamedCell> generalCells();
std::span<const NamedCell> workloadCells();
std::span<const NamedCell> clusterCells();
std::span<const NamedCell> storageCells();

/// The list at a path; empty when there is none.
const Array& listAt(const Value& value, std::initializer_list<std::string_view> path);
Value textOr(std::string_view text, std::string_view otherwise);

Value podReadyCell(const Column& column, const Value& pod, WallTime now);
Value podStatusCell(const Column& column, const Value& pod, WallTime now);
Value podRestartsCell(const Column& column, const Value& pod, WallTime now);
Value podReadinessGatesCell(const Column& column, const Value& pod, WallTime now);

} // namespace keelson::api
