// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "kube/log_follower.h"
#include "models/cluster.h"

#include <QElapsedTimer>
#include <QTimer>
#include <QWidget>

#include <memory>
#include <vector>

class QComboBox;
class QLabel;
class QLineEdit;
class QPlainTextEdit;
class QToolButton;

namespace keelson::ui {

class Banner;

/// The logs of one pod, or of all pods of a workload merged: followed, coloured by source, searchable, pausable.
///
/// Keeps the last lines only; while paused new lines are kept aside, up to the same limit. Where a connection breaks
/// off the log says so, and goes on from there when there is another.
class LogsPanel : public QWidget {
    Q_OBJECT
public:
    static constexpr int linesMax = 10'000;
    static constexpr int podsMax = 20; ///< Of a workload; the first by name.
    static constexpr int linesAtStart = 500;

    /// `item`: a pod, or a Deployment or ReplicaSet.
    LogsPanel(Cluster& cluster, const ItemPtr& item, QWidget* parent = nullptr);
    ~LogsPanel() override;

    QString text() const;
    int lineCount() const { return m_lineCount; }
    /// Every stream has been accepted or refused.
    bool isSettled() const { return !m_sources.empty() && m_pending == 0; }

private:
    struct Source {
        QString pod, container, label;
        QColor color;
        std::unique_ptr<kube::LogFollower> follower;
        bool isPending = false; ///< The server has not answered yet.
        bool isLost = false;    ///< Its connection broke off.
    };

    QWidget* buildBar();
    void findSources();
    void addPod(const Item& pod, bool named);
    void open();
    void openStream(Source& source);
    void follow(Source& source);
    void settle(Source& source);
    void lose(Source& source, const Error& why);
    void resume(Source& source);
    bool isAnyLost() const;
    void lookAtServer();
    void append(const Source* source, const QStringList& lines);
    void flush();
    void find(bool backward);

    Cluster& m_cluster;
    ItemPtr m_item;
    FeedLease m_pods, m_sets;
    std::vector<std::unique_ptr<Source>> m_sources;
    QStringList m_opened;                             ///< Pods that have a stream.
    QVector<QPair<const Source*, QString>> m_waiting; ///< Without a source: what the panel itself says.
    QComboBox* m_containers;
    QToolButton* m_pause;
    QLineEdit* m_search;
    QLabel* m_state;
    Banner* m_banner;
    QPlainTextEdit* m_view;
    int m_lineCount = 0;
    int m_pending = 0;
    QElapsedTimer m_lostSince; ///< While some connection is lost.
    QTimer m_serverTimer;
    bool m_isServerAway = false;
    bool m_isAtEnd = true; ///< Of what is shown.
};

} // namespace keelson::ui
