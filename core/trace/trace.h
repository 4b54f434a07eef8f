// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/value.h"
#include "trace/recorder.h"

#include <functional>
#include <optional>
#include <string_view>
#include <vector>

namespace keelson::trace {

/// What became of one object: its spans, those of the objects that it controls, and of what leads to their pods.
struct Trace {
    SubjectPtr root;
    std::vector<SubjectPtr> objects; ///< The root first, then as they appeared.
    std::vector<Span> spans;         ///< By their begin.
    std::optional<WallTime> droppedUntil;
};

struct Selection {
    bool all = false; ///< Else: since the object was last declared anew (created, or its spec changed).
    /// Which subjects may be shown; empty: all.
    std::function<bool(const Subject&)> shows;
};

/// The trace of the object with that uid; without `root` when nothing is known of it. Any thread.
Trace traceOf(const SpanStore& store, std::string_view uid, const Selection& selection);

/// {apiVersion: trace.keelson.dev/v1, kind: Trace, object, objects, spans}: how the API serves it.
api::Value documentOf(const Trace& trace);

/// The same as an ExportTraceServiceRequest of OpenTelemetry (OTLP 1.x, JSON), ready to be posted to a collector. The
/// trace id is that of the client's request, where it sent one, else the object's uid.
api::Value otlpOf(const Trace& trace);

} // namespace keelson::trace
