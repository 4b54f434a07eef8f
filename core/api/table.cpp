// SPDX-License-Identifier: Apache-2.0
#include "api/table.h"
#include "api/json_path.h"
#include "api/table_functions.h"

#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include <span>

namespace keelson::api {
namespace {

/// What kinds show that say nothing: custom resources without columns of their own.
const std::vector<Column>& plainColumns()
{
    static const std::vector<Column> columns = [] {
        Column name;
        name.name = "Name";
        name.format = "name";
        name.jsonPath = ".metadata.name";
        name.description = "The name, unique among the objects of the kind in the namespace.";
        Column age;
        age.name = "Age";
        age.type = "date";
        age.jsonPath = ".metadata.creationTimestamp";
        age.description = "How long ago the object was created.";
        return std::vector{name, age};
    }();
    return columns;
}

const std::vector<Column>& columnsOf(const Kind& kind)
{
    return kind.columns.empty() ? plainColumns() : kind.columns;
}

/// What a path names, in the type of the column; null when nothing is there or it does not fit.
Value pathCell(const Column& column, const Value& object, WallTime now)
{
    const auto values = evaluateJsonPath(object, column.jsonPath);
    if (values.empty() || values.front()->is_null())
        return column.jsonPath == ".metadata.creationTimestamp" ? Value("<unknown>") : Value{};
    if (column.type == "date") {
        if (!values.front()->is_string())
            return nullptr;
        const auto then = parseTime(values.front()->get_string());
        return Value(then ? shortDuration(now - *then) : "<invalid>");
    }
    if (column.type == "integer")
        return values.front()->is_int64() || values.front()->is_uint64() ? *values.front() : Value{};
    if (column.type == "number")
        return values.front()->is_number() ? *values.front() : Value{};
    if (column.type == "boolean")
        return values.front()->is_bool() ? *values.front() : Value{};
    std::string text;
    for (const auto* value : values) {
        if (!text.empty())
            text += ',';
        text += value->is_string() ? std::string{value->get_string()} : boost::json::serialize(*value);
    }
    return Value(text);
}

} // namespace

Array tableCells(const Kind& kind, const Value& object, WallTime now)
{
    Array cells;
    for (const auto& column : columnsOf(kind)) {
        const auto function = column.function.empty() ? &pathCell : findCellFunction(column.function);
        cells.push_back(function ? function(column, object, now) : Value{});
    }
    return cells;
}

Array tableColumns(const Kind& kind)
{
    Array columns;
    for (const auto& column : columnsOf(kind)) {
        columns.emplace_back(Object{{"name", column.name},
                                    {"type", column.type.empty() ? "string" : column.type},
                                    {"format", column.format},
                                    {"description", column.description},
                                    {"priority", column.priority}});
    }
    return columns;
}

std::string shortDuration(Duration duration)
{
    using std::chrono::floor;
    const auto seconds = floor<std::chrono::seconds>(duration).count();
    const auto minutes = seconds / 60;
    const auto hours = minutes / 60;
    const auto days = hours / 24;
    const auto pair = [](std::int64_t big, char bigUnit, std::int64_t rest, char restUnit) {
        return rest == 0 ? fmt::format("{}{}", big, bigUnit) : fmt::format("{}{}{}{}", big, bigUnit, rest, restUnit);
    };
    if (seconds <= 0)
        return "0s";
    if (seconds < 120)
        return fmt::format("{}s", seconds);
    if (minutes < 10)
        return pair(minutes, 'm', seconds % 60, 's');
    if (minutes < 180)
        return fmt::format("{}m", minutes);
    if (hours < 8)
        return pair(hours, 'h', minutes % 60, 'm');
    if (hours < 48)
        return fmt::format("{}h", hours);
    if (days < 8)
        return pair(days, 'd', hours % 24, 'h');
    if (days < 365 * 2)
        return fmt::format("{}d", days);
    if (days < 365 * 8)
        return pair(days / 365, 'y', days % 365, 'd');
    return fmt::format("{}y", days / 365);
}

std::string ageText(std::string_view time, WallTime now)
{
    const auto then = parseTime(time);
    return then ? shortDuration(now - *then) : "<unknown>";
}

} // namespace keelson::api
