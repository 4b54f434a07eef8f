// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "models/cluster.h"
#include "trace/trace_view.h"
#include "tracing/chapters.h"

#include <QTimer>
#include <QWidget>

#include <memory>
#include <optional>

class QCheckBox;
class QComboBox;
class QHBoxLayout;
class QLabel;
class QPlainTextEdit;
class QSplitter;
class QStackedLayout;
class QToolButton;
class QTreeWidget;
class QTreeWidgetItem;

namespace keelson::ui {

class DerivedWatch;
class ElidedLabel;
class EmptyState;
class GuidePanel;
class LearnPanel;
class ListColumns;
class TraceCanvas;

/// What became of one object, step by step, live and afterwards: swim lanes, the same as a list, and a guide that
/// explains each step. On a cluster that keeps no traces it shows what events and managed fields tell, and says so.
class TracePage : public QWidget {
    Q_OBJECT
public:
    explicit TracePage(Cluster& cluster, QWidget* parent = nullptr);
    ~TracePage() override;

    /// Traces that object from now on.
    void show(const ItemPtr& item);
    using QWidget::show;
    void setGuideShown(bool shown);
    /// Opens the lesson beside the trace, or shows it again.
    void learn();

    TraceCanvas* canvas() const { return m_canvas; }
    QTreeWidget* list() const { return m_list; }
    GuidePanel* guide() const { return m_guide; }
    LearnPanel* learnPanel() const { return m_learn; } ///< Null: there is no lesson.
    QComboBox* objects() const { return m_objects; }
    /// What is said above the lanes; empty: nothing.
    QString note() const;
    /// The trace of the chosen object is shown, or why there is none.
    bool isSettled() const;

signals:
    void itemOpened(const keelson::ui::ItemPtr& item);

protected:
    void showEvent(QShowEvent* event) override;
    void hideEvent(QHideEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    static constexpr int pollMs = 1000; ///< How often it asks.

    QWidget* buildBar();
    QWidget* buildBody();
    void refreshObjects();
    void choose(int index);
    void ask();
    void derive(const ItemPtr& item);
    void answered(const QString& uid, const Result<kube::Response>& answer);
    void takeKept(const QString& uid, Result<trace::TraceView> trace);
    void take(const QString& uid, Result<trace::TraceView> trace, TraceOrigin origin);
    bool takeForLesson(const QString& uid, const Result<trace::TraceView>& trace, TraceOrigin origin);
    void makeLesson();
    void lessonChanged();
    void hideLesson();
    void refreshList();
    void fillRow(QTreeWidgetItem& row, int index) const;
    void showStep(int step);
    void showEmpty(const Error* error);
    ItemPtr chosen() const;

    Cluster& m_cluster;
    std::vector<FeedLease> m_leases;
    QComboBox* m_objects;
    QCheckBox* m_all;
    QToolButton* m_explain;
    ElidedLabel* m_summary;
    QLabel* m_note;
    TraceCanvas* m_canvas;
    QTreeWidget* m_list;
    ListColumns* m_columns;
    QPlainTextEdit* m_details;
    QSplitter* m_below = nullptr; ///< The list, and a step in full.
    GuidePanel* m_guide;
    EmptyState* m_empty;
    QStackedLayout* m_stack;
    QTimer m_refreshObjects;
    QTimer m_poll;
    QHBoxLayout* m_beside; ///< The trace, and what explains it.
    LearnPanel* m_learn = nullptr;
    ItemPtr m_item;                   ///< As it was when it was chosen; the store may not have it, or have it anew.
    QString m_uid;                    ///< Of the chosen object.
    QString m_shownUid;               ///< Whose trace is shown.
    QByteArray m_text;                ///< The answer that is shown; the same again changes nothing.
    std::optional<Reason> m_noTraces; ///< Set when the cluster gives none: why.
    QString m_forgottenUid;           ///< The cluster keeps traces, but knows nothing of this object any more.
    std::unique_ptr<DerivedWatch> m_derived;
    QString m_derivedUid;
    bool m_isAsking = false;
    bool m_isSettled = false;
};

} // namespace keelson::ui
