// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "editor/manifest_checker.h"

#include <QAbstractListModel>
#include <QWidget>

class QListView;
class QMenu;
class QToolButton;

namespace keelson::ui {

/// At most so many rows are shown, the gravest; the title counts all.
inline constexpr std::size_t problemRowsMax = 2'000;

/// Findings as rows; a new list changes only the rows that differ, so that what is selected stays.
class ProblemsModel : public QAbstractListModel {
    Q_OBJECT
public:
    enum Role { PlaceRole = Qt::UserRole, SeverityRole };
    struct Row {
        Finding finding;
        QString text;
        QString place; ///< "web.yaml:12"
        bool operator==(const Row& other) const
        {
            return text == other.text && place == other.place && finding.what.severity == other.finding.what.severity;
        }
    };
    using QAbstractListModel::QAbstractListModel;

    void setRows(std::vector<Row> rows);
    const Row& row(int index) const { return m_rows[static_cast<std::size_t>(index)]; }
    int rowCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;

private:
    std::vector<Row> m_rows;
};

/// The list of what was found, with a jump to its place; hints can be left out, and switched off one by one.
class ProblemsPanel : public QWidget {
    Q_OBJECT
public:
    explicit ProblemsPanel(QWidget* parent = nullptr);

    void setFindings(const std::vector<Finding>& findings, const ManifestSession& session);
    void setSwitchedOff(const std::set<std::string, std::less<>>& off);
    ProblemsModel* model() const { return m_model; }
    QListView* list() const { return m_list; }
    /// What can be done about a row: its cures, and for a hint, to be spared it.
    QMenu* menuOf(const Finding& finding);

signals:
    void activated(const keelson::ui::Finding& finding);
    void cureChosen(const keelson::ui::Finding& finding, const keelson::document::Cure& cure);
    void switchedOffChanged(const std::set<std::string, std::less<>>& off);

protected:
    void changeEvent(QEvent* event) override;

private:
    void buildMenu();
    void switchOff(const std::string& code, bool isOff);
    void refresh();
    ProblemsModel::Row rowOf(const Finding& finding, const Manifest& manifest) const;

    ProblemsModel* m_model;
    QListView* m_list;
    QToolButton* m_title;
    QToolButton* m_hints;
    std::vector<Finding> m_findings;
    const ManifestSession* m_session = nullptr;
    std::set<std::string, std::less<>> m_off;
};

} // namespace keelson::ui
