// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "editor/apply_runner.h"

#include <QWidget>

#include <functional>

class QFormLayout;
class QLabel;
class QPushButton;
class QSplitter;
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
    void open(const std::vector<ApplyObject>& objects, const document::Kinds& kinds, const std::string& nameSpace,
              bool isComparing);
    /// Goes on with what an earlier session has left in the journal.
    void resume(const std::filesystem::path& journal, const manifests::ApplyRecord& record);
    /// "web.yaml:12": where a place of an object stands in the manifests.
    using PlaceWords = std::function<QString(const ApplySource&, const document::Path&)>;
    void setPlaceWords(PlaceWords words) { m_placeWords = std::move(words); }
    YamlView* difference() const { return m_difference; }
    QString summary() const;

protected:
    void resizeEvent(QResizeEvent* event) override;

signals:
    void closed();
    void applied(const QString& summary);
    /// A place in an object is to be shown in its text.
    void placeRequested(const keelson::ui::ApplySource& source, const keelson::document::Path& place);

private:
    QWidget* buildBar();
    QWidget* buildDetail();
    void showSet();
    void refreshRow(int index);
    void refreshAll();
    void refreshButtons();
    void showFirstChange();
    void showEntry(int index);
    void arrange();
    void showBanner(const ApplyEntry& entry, int index);
    void offerPlace(const ApplyEntry& entry);
    void showConflicts(const ApplyEntry& entry, int index);

    ApplyRunner* m_runner;
    QLabel* m_title;
    QPushButton* m_back;
    QPushButton* m_apply;
    QPushButton* m_undo;
    QSplitter* m_split;
    QTreeWidget* m_list;
    YamlView* m_difference;
    QLabel* m_heading;
    Banner* m_banner;
    QWidget* m_conflicts;
    QFormLayout* m_conflictRows;
    PlaceWords m_placeWords;
    bool m_isComparing = false;
};

/// "New", "Refused": the state in a word, and the role that colours it.
QString stateWord(const ApplyEntry& entry);
StatusRole stateRole(const ApplyEntry& entry);
/// The same with what is known of it since: "Created · 1 of 2 ready".
QString progressWord(const ApplyEntry& entry);

} // namespace keelson::ui
