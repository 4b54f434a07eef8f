// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace keelson::protocol {

/// Makes gRPC fit for a process that lives long. Call before the first use of it; any thread, any number of times.
///
/// - The threads of its callback API stay for the rest of the process. gRPC 1.51 ends them with the last channel that
///   uses them, and aborts the process when that meets the end of a call ("ref_counted.h: assertion failed: prior >
///   0"): a client that has lost its only connection is enough.
/// - Its mutexes do not look for deadlocks: Debian's Abseil is built to do so at each lock.
void prepareGrpc();

/// GRPC_ARG_HTTP2_STREAM_LOOKAHEAD_BYTES of both ends. It is fixed (GRPC_ARG_HTTP2_BDP_PROBE is 0): to measure what
/// suits the line, gRPC would send a ping with nearly each of our small messages.
inline constexpr int lookaheadBytes = 1 << 20;

} // namespace keelson::protocol
