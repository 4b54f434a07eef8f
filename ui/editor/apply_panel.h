// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "editor/apply_runner.h"

#include <QWidget>

class QFormLayout;
class QLabel;
class QPushButton;
class QStackedLayout;
class QTreeWidget;
class QTreeWidgetItem;

namespace keelson::ui {

class Banner;
class YamlView;

/// What applying a set would do, object by object, with the difference of each; then its progress, its summary, and the
/// way back.
class ApplyPanel : public QWidget {
    Q_OBJECT
public:
    explicit ApplyPanel(Cluster& cluster, QWidget* parent = nullptr);

    ApplyRunner& runner() { return *m_runner; }
    /// `isComparing`: only the differences are wanted.
    void open(const std::vector<api::Value>& objects, const document::Kinds& kinds, const std::string& nameSpace,
              bool isComparing);
    YamlView* difference() const { return m_difference; }
    QString summary() const;

signals:
    void closed();
    void applied(const QString& summary);

private:
    QWidget* buildBar();
    QWidget* buildDetail();
    void refreshRow(int entry);
    void refreshAll();
    void refreshButtons();
    void showEntry(int entry);
    void showConflicts(const ApplyEntry& entry, int index);

    ApplyRunner* m_runner;
    QLabel* m_title;
    QPushButton* m_back;
    QPushButton* m_apply;
    QPushButton* m_undo;
    QTreeWidget* m_list;
    YamlView* m_difference;
    QLabel* m_heading;
    Banner* m_banner;
    QWidget* m_conflicts;
    QFormLayout* m_conflictRows;
    bool m_isComparing = false;
};

/// "New", "Refused": the state in a word, and the role that colours it.
QString stateWord(const ApplyEntry& entry);
StatusRole stateRole(const ApplyEntry& entry);

} // namespace keelson::ui
