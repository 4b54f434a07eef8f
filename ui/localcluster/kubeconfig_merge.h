// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"

#include <QByteArray>
#include <QString>

namespace keelson::localcluster {

/// The kubeconfig `existing` (may be empty) with cluster, user and context called `name` from `ours` put in or
/// replaced, and `name` as the current context. All else stays, in its order. `BadRequest` when `existing` is no
/// kubeconfig: then it must not be touched.
Result<QByteArray> mergeKubeconfig(const QByteArray& existing, const QByteArray& ours, const QString& name);
/// Takes cluster, user and context `name` out; the current context too, when it is that one.
Result<QByteArray> dropFromKubeconfig(const QByteArray& existing, const QString& name);

/// Where kubectl looks: the first file of $KUBECONFIG, or ~/.kube/config.
QString kubeconfigPath();
/// Replaces a file as a whole, so that a reader or a crash never meets half of it; links are followed, only the user
/// may read it. `InternalError` with the reason, like a full disk.
Result<Done> writePrivateFile(const QString& path, const QByteArray& content);

} // namespace keelson::localcluster
