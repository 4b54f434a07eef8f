// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "client/pod_streams.h"

#include <functional>
#include <memory>

namespace keelson::upstream {

/// Opens a connection to one server, through a node's tunnel or straight from here, and tells the sink what comes on
/// it. Does not block: that there is no connection may also be told by `ended`, before the call returns.
using Connect = std::function<Result<std::unique_ptr<client::PodStream>>(std::shared_ptr<client::PodStreamSink>)>;

} // namespace keelson::upstream
