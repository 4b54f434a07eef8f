// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/value.h"
#include "base/clock.h"
#include "base/result.h"

#include <optional>
#include <string>
#include <vector>

namespace keelson::trace {

struct TracedObject {
    std::string group;
    std::string kind;
    std::string nameSpace;
    std::string name;
    std::string uid;
    std::string owner; ///< The uid of the object that controls it; empty: none.

    std::string text() const { return kind + "/" + name; }
};

struct TracedStep {
    std::string step;       ///< "authentication" ... "dns", as the server names them.
    std::size_t object = 0; ///< Which of the trace's objects.
    std::string actor;
    WallTime begin;
    Duration length{0};
    bool failed = false;
    std::string summary;
    api::Value details; ///< Null, or what else the server tells of the step.

    WallTime end() const { return begin + length; }
};

/// A trace as the API serves it (see trace.h), for those who show it. A value, without a "now" of its own.
struct TraceView {
    TracedObject root;
    std::vector<TracedObject> objects; ///< The root first.
    std::vector<TracedStep> steps;     ///< By their begin.
    std::optional<WallTime> droppedUntil;

    WallTime begin() const;
    WallTime end() const;
};

/// `BadRequest` for a document that is no trace; NotFound when nothing is known of the object any more.
Result<TraceView> readTrace(const api::Value& document);

/// Steps as lines of text with their place in time drawn beside them, `columns` wide.
std::string traceText(const TraceView& trace, std::size_t columns);

/// "850 µs", "12.3 ms", "4.21 s", "3 min 5 s".
std::string durationText(Duration length);

} // namespace keelson::trace
