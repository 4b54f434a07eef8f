// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <QStringList>

namespace keelson::localcluster {

/// Takes away what a node's agent has put into the host's packet filters: its tables ("keelson-...-NODE") and its rules
/// in the container engine's firewall chain. What is not there, or not ours to change, is passed over.
void removePacketRules(const QString& node);

/// The tables of `nft list tables` that belong to the node.
QStringList tablesOfNode(const QString& listing, const QString& node);
/// The rules of `iptables -S DOCKER-USER` that carry the node's remark, as arguments that delete them.
QList<QStringList> deletionsOfNode(const QString& listing, const QString& node);

} // namespace keelson::localcluster
