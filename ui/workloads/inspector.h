// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "models/cluster.h"
#include "models/inspection.h"
#include "workloads/content_list.h"

#include <QTimer>
#include <QWidget>

class QLabel;
class QScrollArea;
class QVBoxLayout;

namespace keelson::ui {

class ElidedLabel;

/// One object in words: what state it is in and why, what it is, what belongs to it, what happened to it.
///
/// It reads the whole object when it is shown, and again when the object changes.
class Inspector : public QWidget {
    Q_OBJECT
public:
    explicit Inspector(Cluster& cluster, QWidget* parent = nullptr);

    void show(const ItemPtr& item);
    ItemPtr item() const { return m_item; }
    /// It shows all of the object: its events and what belongs to it were known when it was drawn.
    bool isSettled() const { return !m_item || m_isComplete; }

signals:
    void linkActivated(const keelson::ui::ItemPtr& item);
    void commandRequested(const QString& command);
    void closed();

protected:
    void paintEvent(QPaintEvent* event) override;
    void hideEvent(QHideEvent* event) override;
    void showEvent(QShowEvent* event) override;

private:
    QWidget* buildHeader();
    void load();
    void take(const Result<kube::Response>& answer);
    void rebuild();
    void addStatus(QVBoxLayout* column);
    void addFacts(QVBoxLayout* column);
    void addContents(QVBoxLayout* column);
    void addContainers(QVBoxLayout* column);
    void addConditions(QVBoxLayout* column);
    void addRelatives(QVBoxLayout* column);
    void addEvents(QVBoxLayout* column);
    void addMetadata(QVBoxLayout* column);
    void addHeading(QVBoxLayout* column, const QString& text);
    void addLines(QVBoxLayout* column, const QVector<Inspection::Line>& lines);
    QVector<ItemPtr> relatives() const;
    QVector<ItemPtr> events() const;
    void holdFeeds();
    bool isKnown() const;

    Cluster& m_cluster;
    std::vector<FeedLease> m_leases;
    QStringList m_held; ///< The kinds of the leases.
    ItemPtr m_item;
    Inspection m_shown;
    ContentList::Opened m_opened; ///< Of the contents of this object.
    std::optional<Error> m_problem;
    bool m_isLoaded = false;
    bool m_isComplete = false;
    bool m_isMetadataOpen = false;
    kube::ApiClient::CallId m_call = 0;
    QTimer m_reload;
    QTimer m_redraw;
    QLabel* m_icon;
    ElidedLabel* m_kind;
    QLabel* m_name;
    QWidget* m_buttons;
    QScrollArea* m_scroll;
};

} // namespace keelson::ui
