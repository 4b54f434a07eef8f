// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "models/cluster.h"

#include <QWidget>

class QTabWidget;

namespace keelson::ui {

class LogsPanel;
class RolloutPanel;
class YamlTab;

/// What is open below: YAML, logs and events of objects, a closable tab each.
class Dock : public QWidget {
    Q_OBJECT
public:
    explicit Dock(Cluster& cluster, QWidget* parent = nullptr);

    YamlTab* openYaml(const ItemPtr& item); ///< A null item: a new object.
    void openLogs(const ItemPtr& item);
    void openEvents(const ItemPtr& item);
    void openRollouts(const ItemPtr& deployment);
    YamlTab* currentYaml() const;
    RolloutPanel* currentRollouts() const;
    QVector<YamlTab*> unapplied() const; ///< Tabs whose texts are neither applied nor as they were.
    void show(YamlTab* tab);
    LogsPanel* currentLogs() const;
    /// Asks first when there is something to lose.
    void closeCurrent();
    void next();
    bool isSettled() const;

signals:
    void applied(const QString& what);
    void traceRequested(const keelson::ui::ItemPtr& item);
    void keepRequested(const QString& title, const QString& text); ///< Of a tab that is closed.
    void emptied();
    void opened();

private:
    bool raise(const QString& key);
    void add(QWidget* tab, const QString& key, const QString& icon, const QString& title);
    void close(int index);
    void remove(QWidget* tab);

    Cluster& m_cluster;
    QTabWidget* m_tabs;
};

} // namespace keelson::ui
