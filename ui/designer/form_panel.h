// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "design/form.h"
#include "designer/design_model.h"

#include <QWidget>

class QLabel;
class QLineEdit;
class QStackedLayout;
class QToolButton;
class QTreeWidget;
class QTreeWidgetItem;

namespace keelson::ui {

/// The selected card as a form made from its schema: each row edits the smallest span of the text. Rows of collections
/// are added with + or Insert and taken out with x or Delete.
class FormPanel : public QWidget {
    Q_OBJECT
public:
    explicit FormPanel(DesignModel& model, QWidget* parent = nullptr);

    void setCard(design::CardId card); ///< noCard: nothing is selected.
    void setCount(int selected);       ///< How many are; for what it says when it is not one.
    void setProblems(const QStringList& problems);
    void setLevel(design::FormLevel level);
    design::FormLevel level() const { return m_level; }
    QTreeWidget* tree() const { return m_tree; }
    QTreeWidgetItem* itemOf(const std::string& path) const; ///< Null where no row is shown.
    QString message() const;                                ///< What is wrong with the last entry.
    /// As typed into a row.
    void enter(QTreeWidgetItem* item, const QString& text);
    void add(QTreeWidgetItem* item);
    void takeOut(QTreeWidgetItem* item);
    /// Shows the rows alone whose names hold the words, those of closed rows among them where something is set.
    void find(const QString& words);

signals:
    void textRequested(design::CardId card, const document::Path& path);

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;
    void changeEvent(QEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    void setUpWidgets();
    void buildForm();
    void connectParts();
    void fitProblems();
    void refresh();
    void sync(QTreeWidgetItem* parent, const std::vector<design::FormRow>& rows);
    void fill(QTreeWidgetItem* item, const design::FormRow& row);
    void carryOut(const Result<document::Edit>& edit, const QString& label);
    const design::FormRow* rowOf(const QTreeWidgetItem* item) const;
    void showHelp(const QTreeWidgetItem* item);
    void narrow();
    void say(const QString& message, bool isError);

    DesignModel& m_model;
    design::CardId m_card = design::noCard;
    int m_count = 0;
    design::FormLevel m_level = design::FormLevel::Basic;
    std::map<const QTreeWidgetItem*, design::FormRow> m_rows;
    std::set<std::string> m_closed, m_opened; ///< Places that the user has closed or opened.
    QLabel* m_icon;
    QLabel* m_title;
    QLabel* m_subtitle;
    QLabel* m_problems;
    QLabel* m_empty;
    QToolButton* m_full;
    QLineEdit* m_filter;
    QTreeWidget* m_tree;
    QLabel* m_help;
    QWidget* m_form = nullptr;
    QStackedLayout* m_stack;
    QString m_message;
    bool m_isSyncing = false;
};

} // namespace keelson::ui
