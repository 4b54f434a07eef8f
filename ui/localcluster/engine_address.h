// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"

#include <QString>

namespace keelson::localcluster {

inline constexpr auto defaultEngineSocket = "/var/run/docker.sock";

/// Where a Docker engine of this machine listens, and who named it.
struct EngineAddress {
    QString socketPath = QLatin1String(defaultEngineSocket);
    QString origin; ///< "DOCKER_HOST names": completes "the engine at ..., which ...". Empty: nobody has named it.

    QString text() const { return QStringLiteral("unix://") + socketPath; }
    /// Only there an engine may be started: another address is somebody's own.
    bool isDefault() const { return socketPath == QLatin1String(defaultEngineSocket); }
};

/// Reads "unix:///PATH", which `source` ("DOCKER_HOST", "--docker-host") holds. `BadRequest` for anything else: a local
/// cluster makes its nodes' networks on this machine, so it cannot use an engine elsewhere.
Result<EngineAddress> parseEngineAddress(const QString& text, const QString& source);

} // namespace keelson::localcluster
