// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace keelson::protocol {

/// Keeps the threads of gRPC's callback API for the rest of the process. Call before the first use of that API; any
/// thread, any number of times.
///
/// gRPC 1.51 ends those threads with the last channel that uses them, and aborts the process when that meets the end
/// of a call ("ref_counted.h: assertion failed: prior > 0"): a client that has lost its only connection is enough.
void keepCallbackThreads();

} // namespace keelson::protocol
