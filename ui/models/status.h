// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "api/value.h"

#include <QString>

namespace keelson::ui {

/// How something is, in the few words that every page uses. The colour and the glyph of each are in widgets/theme.h.
enum class StatusRole { Ok, Done, Progress, Waiting, Error, Ending, Unknown };
inline constexpr int statusRoleCount = 7;

/// The word that filters and tool tips use: "ok", "error". Not translated: it is typed into the filter box.
QString statusRoleName(StatusRole role);

/// A role, the word that the cluster uses for it ("CrashLoopBackOff"), and why.
struct Status {
    StatusRole role = StatusRole::Unknown;
    QString word;
    QString reason; ///< A sentence from the cluster; empty when there is nothing to explain.

    bool operator==(const Status&) const = default;
};

/// Pure: what the object says of itself. Ages and clocks play no part.
Status podStatus(const api::Value& pod);
Status nodeStatus(const api::Value& node);
Status deploymentStatus(const api::Value& deployment);
Status replicaSetStatus(const api::Value& replicaSet);
/// Whether what an object asks for is there: all pods of a workload, of its present template; that a Job is done, that
/// a custom kind is served. No word: nothing of its kind takes time.
Status settlingStatus(const api::Value& object);
Status namespaceStatus(const api::Value& nameSpace);
Status eventStatus(const api::Value& event);

} // namespace keelson::ui
