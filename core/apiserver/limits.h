// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/clock.h"

#include <chrono>
#include <cstddef>

/// What the HTTP front puts up with. Over a limit a client gets a clear refusal, never a stall.
namespace keelson::apiserver {

inline constexpr std::size_t headerBytesMax = std::size_t{64} * 1024;
/// Of requests to this server; what is carried on to another passes in pieces, however much it is.
inline constexpr std::size_t bodyBytesMax = std::size_t{3} * 1024 * 1024;
/// Longer bodies count against the memory for them, and reviews with longer ones are answered on the executor: reading
/// one can take seconds, and a connection's thread serves many.
inline constexpr std::size_t shortBodyBytesMax = std::size_t{16} * 1024;
/// Of all long bodies together that are being read or answered, as their headers announce them; over this clients get
/// 429.
inline constexpr std::size_t bodyBytesTogetherMax = std::size_t{512} * 1024 * 1024;
/// Of those of one user. All of whom nothing is known are one.
inline constexpr std::size_t bodyBytesOfOneMax = std::size_t{128} * 1024 * 1024;
inline constexpr std::size_t connectionsMax = 20'000;
/// Bytes that wait for a slow reader of a watch; over this the watch ends and the client lists anew.
inline constexpr std::size_t watchQueueBytesMax = std::size_t{8} * 1024 * 1024;
inline constexpr std::size_t watchersMax = 20'000;
/// Writes that wait for a worker; over this clients get 429.
inline constexpr std::size_t writesWaitingMax = 4'096;
/// Requests that work at once, of all priority levels but the exempt ones: fewer than the executor has threads, so that
/// exempt requests do not wait behind the others.
inline constexpr int seatsMax = 48;
/// The largest answer that goes into the audit log whole.
inline constexpr std::size_t auditedAnswerBytesMax = std::size_t{1} * 1024 * 1024;
/// The largest reply that is indented for people who ask for it.
inline constexpr std::size_t indentedBytesMax = std::size_t{8} * 1024 * 1024;
/// Replies larger than this are compressed for clients that ask for it.
inline constexpr std::size_t compressBytesMin = std::size_t{128} * 1024;
/// One message of an exec or port-forward client: as much as Kubernetes takes.
inline constexpr std::size_t messageBytesMax = std::size_t{32} * 1024 * 1024;

/// Requests that are being carried on to pods and other servers; over this clients get 429.
inline constexpr std::size_t proxiedMax = 4'096;
/// What waits for a slow reader of a proxied answer: a window's worth, and the longer links of its pages.
inline constexpr std::size_t proxyQueueBytesMax = std::size_t{4} * 1024 * 1024;

inline constexpr Duration handshakeTime = std::chrono::seconds{10};
inline constexpr Duration idleTime = std::chrono::seconds{180};           ///< Between two requests of a connection.
inline constexpr Duration requestTime = std::chrono::seconds{60};         ///< To receive all of a request.
inline constexpr Duration bodyPieceTime = std::chrono::seconds{60};       ///< For more of a body that is handed on.
inline constexpr Duration sendTime = std::chrono::seconds{60};            ///< Without any progress of a reply.
inline constexpr Duration watchTimeMin = std::chrono::seconds{1800};      ///< Of a watch that names no timeoutSeconds.
inline constexpr Duration proxyReplyTime = std::chrono::minutes{10};      ///< For a proxied server to begin its answer.
inline constexpr Duration aggregatedReplyTime = std::chrono::seconds{60}; ///< For another API server to begin its own.
inline constexpr Duration probeTime = std::chrono::seconds{5}; ///< For another API server to say what it serves.
inline constexpr Duration bookmarkPeriod = std::chrono::seconds{60};
inline constexpr Duration refusedTokensLogPeriod = std::chrono::seconds{1};
inline constexpr Duration stopGrace = std::chrono::seconds{2}; ///< For replies under way when the server stops.

} // namespace keelson::apiserver
