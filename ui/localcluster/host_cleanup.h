// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"
#include "localcluster/container_engine.h"
#include "localcluster/patience.h"

#include <QString>
#include <QStringList>

namespace keelson::localcluster {

/// Takes away what ended agents of these nodes have left: containers, networks, packet rules. An engine still finishes
/// what an agent asked of it before that ended, so a moment is waited for stragglers. `engine` null: packet rules only.
Result<Done> clearAwayNodes(const ContainerEngine* engine, const QStringList& nodes, Patience& patience);

/// Takes away what a node's agent has put into the host's packet filters: its tables ("keelson-...-NODE") and its rules
/// in the container engine's firewall chain. What is not there, or not ours to change, is passed over.
void removePacketRules(const QString& node);
/// Unmounts what agents have mounted below the folder: volumes in memory. What cannot be unmounted stays.
void unmountBelow(const QString& folder);

/// The tables of `nft list tables` that belong to the node.
QStringList tablesOfNode(const QString& listing, const QString& node);
/// The mount points below the folder in the text of /proc/self/mountinfo (proc(5)), the innermost first.
QStringList mountsBelow(const QString& mountInfo, const QString& folder);
/// The rules of `iptables -S DOCKER-USER` that carry the node's remark, as arguments that delete them.
QList<QStringList> deletionsOfNode(const QString& listing, const QString& node);

} // namespace keelson::localcluster
