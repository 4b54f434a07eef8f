// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "api/value.h"
#include "base/result.h"

#include <QByteArray>
#include <QString>
#include <QStringList>
#include <QUrl>

namespace keelson::kube {

/// All that is needed to speak to one cluster as one user. A value; holds keys, so it is never logged.
struct ClusterAccess {
    QString context;
    QString cluster;
    QString user;
    QString nameSpace = QStringLiteral("default"); ///< The context's namespace.
    QUrl server;
    QString tlsServerName; ///< The name to check the certificate against; empty: the host of `server`.
    bool insecure = false; ///< Do not check the server's certificate (the kubeconfig asks for it).
    QByteArray caPem;      ///< Empty: the system's authorities.
    QString caFile;        ///< Where `caPem` was read from; empty: it stands in the kubeconfig.
    QByteArray certificatePem;
    QByteArray keyPem;
    QByteArray token;     ///< Bearer token, already read from its file.
    QByteArray basicAuth; ///< "user:password"; empty when none.
};

/// A kubeconfig file: clusters, users and contexts. Immutable; any thread.
class Kubeconfig {
public:
    /// `$KUBECONFIG` (its first file that exists), or `~/.kube/config`.
    static QString defaultPath();
    /// `NotFound` when there is no such file, `BadRequest` when it is no kubeconfig; the message names the file.
    static Result<Kubeconfig> load(const QString& path);
    /// `folder`: what relative file names in it are relative to.
    static Result<Kubeconfig> parse(const QByteArray& text, const QString& folder);

    QStringList contexts() const;
    /// The current context; the only one when none is marked and there is one; else empty.
    QString currentContext() const;
    /// Resolves a context (empty: the current one) and reads the files that it names. `NotFound` names what is missing;
    /// `BadRequest` for ways to sign in that we do not carry out (exec plugins, auth providers).
    Result<ClusterAccess> access(const QString& context = {}) const;

private:
    Result<QByteArray> bytes(const api::Value& section, const char* inlined, const char* file) const;
    Result<Done> readUser(const api::Value& user, ClusterAccess& access) const;

    api::Value m_document;
    QString m_folder;
};

} // namespace keelson::kube
