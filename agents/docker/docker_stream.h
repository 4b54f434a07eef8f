// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "docker/engine.h"

#include "containers/container_runtime.h"

#include <functional>
#include <memory>

namespace keelson::docker {

/// What a stream is read from and how.
struct StreamPlan {
    OpenCall call;
    bool raw = false;      ///< A terminal: no frames.
    bool hijacked = false; ///< Not HTTP any more behind the head.
    std::optional<std::int64_t> limitBytes;
    /// Asked once when the stream has ended by itself.
    std::function<Result<int>()> exitCode;
    std::function<void(int columns, int rows)> resize;
    /// Called when the stream is destroyed before it has ended by itself. May be empty, and may block.
    std::function<void()> abandoned;
};

/// Reads on a thread of its own until the engine ends the stream or the object is destroyed.
std::unique_ptr<containers::Stream> startStream(StreamPlan plan, containers::StreamHandler handler);

} // namespace keelson::docker
