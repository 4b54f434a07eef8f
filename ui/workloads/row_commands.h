// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "models/cluster.h"

#include <QObject>

namespace keelson::ui {

/// Carries out what can be done to objects: asks where it destroys, sends the calls, says what failed.
class RowCommands : public QObject {
    Q_OBJECT
public:
    RowCommands(Cluster& cluster, QWidget* window);

    void remove(const QVector<ItemPtr>& items);  ///< Asks, with scope and count.
    void scale(const QVector<ItemPtr>& items);   ///< Asks for the number.
    void restart(const QVector<ItemPtr>& items); ///< Asks.
    void cordon(const QVector<ItemPtr>& items);  ///< Or uncordon, when all of them are. Asks.

    /// Without asking; for tests and for who has asked already.
    void scaleTo(const QVector<ItemPtr>& items, int replicas);
    void removeNow(const QVector<ItemPtr>& items);

signals:
    void failed(const QString& what, const keelson::Error& error);
    void done(const QString& what);

private:
    void send(const kube::Request& request, const QString& what);

    Cluster& m_cluster;
    QWidget* m_window;
};

/// "3 pods in shop and payments", "the deployment web in shop".
QString scopeText(const QVector<ItemPtr>& items);

} // namespace keelson::ui
