// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"

#include <QString>
#include <QStringList>

namespace keelson::localcluster {

/// What the local cluster asks of a Docker engine: is it there, and put away what a node has left in it.
///
/// Threads: any; calls block. Errors: `ServiceUnavailable` when it does not answer, `Forbidden` without the right to
/// use its socket, else what the engine says.
class ContainerEngine {
public:
    explicit ContainerEngine(QString socketPath) : m_socket(std::move(socketPath)) {}

    const QString& socketPath() const { return m_socket; }
    Result<Done> ping() const;
    /// This machine's address in the engine's own network, at which all of its containers reach it: "172.17.0.1".
    /// `NotFound` when the engine has no such network.
    Result<QString> gatewayAddress() const;
    /// Ids of the node's containers, running or not.
    Result<QStringList> containersOf(const QString& node) const;
    Result<Done> pauseAll(const QString& node) const;
    Result<Done> resumeAll(const QString& node) const;
    Result<Done> removeContainers(const QString& node) const;
    /// Containers first, then the node's networks. Success when nothing is left.
    Result<Done> removeAll(const QString& node) const;

private:
    Result<QByteArray> call(const QByteArray& method, const QByteArray& target) const;
    Result<Done> forAll(const QString& node, const QByteArray& verb) const;
    Result<QStringList> idsOf(const QByteArray& target, const char* idMember) const;

    QString m_socket;
};

} // namespace keelson::localcluster
