// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "api/value.h"

#include <QByteArray>
#include <QString>
#include <QStringList>

#include <vector>

namespace keelson::ui {

/// One template that a Deployment had, as its ReplicaSet keeps it.
struct Revision {
    QString deploymentUid;
    qint64 number = 0;
    QString replicaSet;
    qint64 createdMs = 0;
    bool isCurrent = false; ///< The Deployment has this template now.
    qint64 wanted = 0;      ///< Pods that the ReplicaSet is to keep.
    qint64 ready = 0;
    QStringList images;
    QString cause;          ///< Of the annotation kubernetes.io/change-cause; mostly empty.
    api::Value podTemplate; ///< Without the label that tells ReplicaSets apart.
};

/// Pure. The newest first. `replicaSets` may hold those of others.
std::vector<Revision> revisionsOf(const api::Value& deployment, const std::vector<api::Value>& replicaSets);

/// What rolling back to `revision` sends: a JSON patch (RFC 6902) that the server refuses when the Deployment is not
/// the same object any more.
QByteArray rollbackPatch(const Revision& revision);

} // namespace keelson::ui
